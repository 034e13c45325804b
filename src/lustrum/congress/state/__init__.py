"""What the congress is at a moment: things with their states, a pure fold over the ledger's events."""
