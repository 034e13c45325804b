"""Readers and writers of accounts: one file a source. Only here do accounts touch files."""
