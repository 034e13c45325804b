"""What a check of accounts returns: findings with their place and mend, and the residuals of the identities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lustrum.accounts.economy import Economy

Severity = Literal["error", "warning", "note"]

#: A residual below the first, relative to its row or column, is rounding of the computer; above the second it is
#: more than the rounding of a published table.
ROUNDING, BROKEN = 1e-6, 1e-3
#: Step in the provenance of an activity whose output is not its inputs and value added, and the share of output above
#: which cells that are needed must have been left out.
OPEN_COLUMN, LEFT_OUT = "column that does not close", 0.02
#: More findings of one kind than this are summed up in one line.
SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One thing a planner should know about the accounts.

    `error`: a plan from these accounts would be wrong; `warning`: it may surprise; `note`: worth knowing.
    """

    severity: Severity
    where: str
    what: str
    mend: str = ""


@dataclass(frozen=True)
class Report:
    """The result of `check_economy`.

    Attributes
    ----------
    economy, sectors
        Name of the accounts and number of activities.
    rows
        Product -> residual of its base-year balance relative to the larger side (supply minus use; empty
        without base output).
    columns
        `field: label` -> sum of the column minus 1, where units are money.
    productive
        Whether some outputs leave a positive net product of everything that is made here, without imports.
    spectral_radius
        Of U S⁻¹, where S is square and U S⁻¹ has no negative cell; below 1 is Hawkins and Simon's condition.
    findings
        Errors first.
    """

    economy: str
    sectors: int
    rows: Mapping[str, float]
    columns: Mapping[str, float]
    productive: bool
    spectral_radius: float | None
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """No finding is an error."""
        return not any(f.severity == "error" for f in self.findings)

    @property
    def residuals(self) -> dict[str, float]:
        """Largest absolute residual over rows and over columns (0 where there is nothing to check)."""
        return {k: max(map(abs, v.values()), default=0.0) for k, v in (("rows", self.rows), ("columns", self.columns))}

    def document(self) -> dict[str, Any]:
        """Return the JSON document of `lustrum economy check`."""
        return {
            "ok": self.ok,
            "economy": self.economy,
            "sectors": self.sectors,
            "residuals": self.residuals,
            "residuals_by_label": {"rows": dict(self.rows), "columns": dict(self.columns)},
            "productive": self.productive,
            "spectral_radius": self.spectral_radius,
            "findings": [
                {"severity": f.severity, "where": f.where, "what": f.what, "mend": f.mend} for f in self.findings
            ],
        }


def figures(economy: Economy, name: str) -> np.ndarray | None:
    """Return a field in the base year, or in its first year where it has none for the base year; None if absent."""
    if not economy.has(name):
        return None
    array = economy.data[name]
    if "year" not in array.dims:
        return economy.values(name)
    years = [int(y) for y in array["year"].values]
    return economy.values(name, economy.base_year if economy.base_year in years else years[0])


def figures_or_zero(economy: Economy, name: str) -> np.ndarray:
    """Return `figures`, or zeros where the accounts do not have the field."""
    found = figures(economy, name)
    return economy.value_or(name, 0.0) if found is None else found


def final_uses(economy: Economy) -> dict[str, np.ndarray]:
    """(i,) final use by what it is for."""
    out: dict[str, np.ndarray] = {}
    if economy.has("need_composition", "consumption"):
        out["needs"] = figures_or_zero(economy, "need_composition") @ economy.values("consumption").sum(axis=0)
    if economy.has("asset_composition", "investment"):
        out["investment"] = economy.values("asset_composition") @ economy.values("investment").sum(axis=1)
    if economy.has("committed_demand"):
        out["committed_demand"] = figures_or_zero(economy, "committed_demand")
    if economy.has("exports"):
        out["exports"] = economy.values("exports").sum(axis=1)
    return out


def in_money(e: Economy) -> bool:
    """Whether products are counted in money: the accounts name one and no product has another unit."""
    return bool(e.source.money) and all(u in ("", e.source.money) for u in e.sets["product"].units)


def grade(residual: float) -> Severity | None:
    """Return how bad a relative residual is; None where it is rounding."""
    if not abs(residual) > ROUNDING:
        return None
    return "warning" if abs(residual) <= BROKEN else "error"


def listed(labels: Iterable[str], most: int = 5) -> str:
    """Return labels as words, the first few of many."""
    names = list(labels)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def shorten(findings: list[Finding]) -> list[Finding]:
    """Keep the first findings of a long list and one line for the others."""
    if len(findings) <= SHOWN:
        return findings
    rest = findings[SHOWN:]
    worst: Severity = "error" if any(f.severity == "error" for f in rest) else rest[0].severity
    return [*findings[:SHOWN], Finding(worst, rest[0].where.split(":")[0], f"and {len(rest)} more like these")]
