"""Accounts: labelled, immutable tables of an economy (docs/model.md section 2)."""
