"""A unit written after a figure must be that of the accounts: `12 Mt` is no task where steel is counted in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lustrum.accounts.economy import Economy
from lustrum.congress.plan_change.words import Words

#: The label whose unit a quantity is counted in; debt is in money.
COUNTED_BY = {
    "output": "activity",
    "production": "product",
    "imports": "product",
    "exports": "product",
    "stock": "product",
    "investment": "asset",
    "capital": "asset",
    "consumption": "need",
    "labour": "skill",
    "resource": "resource",
}


def check_unit(words: Words, economy: Economy, dim: str, codes: Sequence[str], relative: bool) -> None:
    """Require that the unit of a limit, if one was written, is that of its labels; a multiple of the base has none."""
    if words.unit is None:
        return
    if relative:
        words.fail(
            "a multiple of the base year, or a share, has no unit",
            found=words.unit,
            expected="a plain number",
            mend="leave the unit out, or say `absolute` where the line allows it",
        )
    _require(words, _units(economy, dim, codes))


def check_task_unit(words: Words, economy: Economy, terms: Sequence[Mapping[str, Any]]) -> None:
    """Require that the unit of a target, if one was written, is that of all its terms."""
    if words.unit is None:
        return
    if any("factor" in term for term in terms):
        words.fail("a sum with factors has no unit of its own", found=words.unit, mend="leave the unit out")
    found: set[str] = set()
    for term in terms:
        dim = COUNTED_BY.get(term["of"])
        found |= _units(economy, dim, term.get(dim, ["all"])) if dim else {economy.source.money}
    _require(words, found)


def _units(economy: Economy, dim: str, codes: Sequence[str]) -> set[str]:
    return {economy.unit_of(dim, c) for c in (economy.codes(dim) if list(codes) == ["all"] else codes)}


def _require(words: Words, units: set[str]) -> None:
    if units != {words.unit}:
        words.fail(
            "the accounts count this in another unit",
            found=words.unit,
            expected=", ".join(sorted(units)),
            mend="convert the figure, or leave the unit out",
        )
