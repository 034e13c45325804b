"""What a secretary can do, one file a topic: each act checks the rules on the newest state, then appends events."""
