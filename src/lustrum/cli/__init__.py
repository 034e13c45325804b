"""The command `lustrum`: one file a command; commands print, and compute nothing themselves."""

from lustrum.cli.app import cli, main

__all__ = ["cli", "main"]
