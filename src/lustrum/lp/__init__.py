"""A linear program and its proof, knowing no economics: problem, coefficients, solution, certificate, HiGHS."""
