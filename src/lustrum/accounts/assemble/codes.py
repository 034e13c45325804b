"""Codes of a table as its list of sectors has them: without the region that world tables put before them."""

from __future__ import annotations

from collections.abc import Sequence

from lustrum.accounts.economy import Labels


def plain_codes(labels: Labels) -> list[str]:
    """Codes with a leading region code and its separator taken off."""
    out = []
    for code, region in zip(labels.codes, labels.regions, strict=True):
        cut = code[len(region) :] if region and code.startswith(region) else code
        out.append(cut.lstrip(".|:_- ") if cut != code else code)
    return out


def regions_of(labels: Labels) -> list[str]:
    """Regions of a table in the order they appear; one empty name where there is no more than one."""
    found = list(dict.fromkeys(labels.regions))
    return found if len(found) > 1 else [""]


def within(regions: Sequence[str], region: str) -> list[bool]:
    """Which labels belong to a region; all where the region has no name."""
    return [region in ("", r) for r in regions]
