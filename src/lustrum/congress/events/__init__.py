"""Every kind of event: its data as a checked model, when the rules allow it, and what it changes."""
