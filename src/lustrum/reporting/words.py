"""Figures and names as people read them."""

from __future__ import annotations

import math


def amount(value: float | None) -> str:
    """Return a figure with about four digits and thousands separators; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1e10:
        return f"{value:.3e}"
    digits = 0 if size >= 1000 or value == 0 else 1 if size >= 100 else 2 if size >= 1 else 4
    if 0 < size < 1e-3:
        return f"{value:.2g}"
    return _no_minus_zero(f"{value:,.{digits}f}")


def percent(value: float | None) -> str:
    """Return a share or an index times 100, one digit after the point."""
    if value is None or not math.isfinite(value):
        return "–"
    return _no_minus_zero(f"{100 * value:.1f}")


def change(value: float | None) -> str:
    """Return a growth rate in per cent with its sign."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def tiny(value: float | None) -> str:
    """Return a residual or a gap."""
    if value is None or not math.isfinite(value):
        return "–"
    return "0" if value == 0 else f"{value:.1e}"


def _no_minus_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def name(text: object) -> str:
    """Return a name from the accounts that is safe to print: no control characters."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def few_years(years: list[str], most: int) -> list[str]:
    """Return the years that fit a table: all, or the first, the last and some between at equal distance."""
    if len(years) <= most:
        return years
    last = len(years) - 1
    return [years[round(k * last / (most - 1))] for k in range(most)]
