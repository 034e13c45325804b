"""What if: the same economy and plan file, changed a little, solved again and set beside the first plan."""
