"""Solving: an explicit problem to a certified solution. Kept free of imports: `problem` and `solution`
are leaves that planning may import too."""
