"""Amendments to the numbers of a plan: typed, checked against the accounts, solved before they are voted on."""
