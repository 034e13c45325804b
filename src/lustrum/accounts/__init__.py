"""Accounts: labelled, immutable tables of an economy (MODEL.md section 2)."""
