"""Makes `tests` ours: a library that tests use (pymrio) installs a package of this name."""
