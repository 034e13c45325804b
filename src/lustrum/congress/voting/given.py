"""Checks of what callers give, which may come from JSON and so be anything: whole numbers and single lines of text."""

from __future__ import annotations

from typing import TypeGuard


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Return whether something is a whole number of at least `least`; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_line(value: object) -> TypeGuard[str]:
    """Return whether something is one line of text with something on it."""
    return isinstance(value, str) and bool(value.strip()) and len(value.splitlines()) == 1
