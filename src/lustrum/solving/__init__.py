"""Solving: an explicit problem to a certified solution, and the reasons where there is none."""
