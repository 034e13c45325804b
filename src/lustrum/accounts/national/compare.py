"""What differs between two economies: totals, cells, coefficients, multipliers.

The measure is the weighted absolute percentage error, WAPE = Σ |b − a| / Σ |a|: each cell counts by its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lustrum.accounts.checks.report import figures, figures_or_zero
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME, FIELDS
from lustrum.errors import TableError

#: Flows made of a coefficient and base output, compared beside the fields: their cells are money, not shares.
_FLOWS = (("intermediate use", "use"), ("supply, flows", "supply"))
SHOWN = 12


@dataclass(frozen=True)
class Cell:
    """One figure on both sides, with its labels."""

    labels: tuple[str, ...]
    a: float
    b: float


@dataclass(frozen=True)
class Difference:
    """One table on both sides: totals, Σ|b − a|, its share of Σ|a|, and the cells that differ most."""

    name: str
    total_a: float
    total_b: float
    moved: float
    wape: float
    largest: tuple[Cell, ...]


@dataclass(frozen=True)
class Comparison:
    """Two economies side by side.

    Attributes
    ----------
    a, b
        Names with their years.
    only_a, only_b
        Labels and fields that one side has alone; only what both have is compared.
    tables
        Differences by field, and of flows; largest relative difference first.
    coefficients
        Mean and weighted absolute difference of input coefficients (weights: output of `a`).
    multipliers
        Output multipliers of products; None where one side has no square table.
    notes
        Why something could not be compared.
    """

    a: str
    b: str
    only_a: dict[str, tuple[str, ...]]
    only_b: dict[str, tuple[str, ...]]
    tables: tuple[Difference, ...]
    coefficients: dict[str, float]
    multipliers: Difference | None
    notes: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """No figure, label or field differs."""
        return not self.only_a and not self.only_b and not any(t.moved for t in self.tables)

    def document(self) -> dict[str, Any]:
        """Return the JSON document of `lustrum economy compare`."""
        return {"equal": self.equal, **asdict(self)}


def compare(a: Economy, b: Economy) -> Comparison:
    """Compare two economies on the labels that both have; figures by year in the base year of each.

    Raises
    ------
    TableError
        If they have no product or no activity in common.
    """
    common = {d: [c for c in a.codes(d) if c in set(b.codes(d))] for d in a.sets if d in b.sets}
    for dim in ("product", "activity"):
        if not common.get(dim):
            raise TableError(
                f"the two have no {dim} in common",
                where=f"{a.source.name} and {b.source.name}",
                found=f"{', '.join(a.codes(dim)[:3])} …; {', '.join(b.codes(dim)[:3])} …",
                mend="bring both to one list of sectors: lustrum economy aggregate",
            )
    notes: list[str] = []
    if a.source.money != b.source.money:
        notes.append(f"money differs: {a.source.money or 'none'} and {b.source.money or 'none'}")
    tables = [d for field in FIELDS if (d := _field(a, b, field.name, common, notes))]
    if a.has("output") and b.has("output"):
        tables += [_flows(a, b, title, name, common) for title, name in _FLOWS]
    tables.sort(key=lambda d: -d.wape)
    return Comparison(
        _name(a),
        _name(b),
        _only(a, b),
        _only(b, a),
        tuple(tables),
        _coefficients(a, b, common),
        _multipliers(a, b, common, notes),
        tuple(notes),
    )


def _name(e: Economy) -> str:
    return f"{e.source.name} {e.base_year}"


def _only(a: Economy, b: Economy) -> dict[str, tuple[str, ...]]:
    out = {d: tuple(c for c in a.codes(d) if c not in set(b.codes(d))) for d in a.sets}
    out["field"] = tuple(n for n in a.data if n not in b.data)
    return {k: v for k, v in out.items() if v}


def _on(e: Economy, dims: Sequence[str], values: np.ndarray, common: dict[str, list[str]]) -> np.ndarray:
    """Figures on the common labels, in the order of the first economy."""
    for axis, dim in enumerate(dims):
        at = {c: k for k, c in enumerate(e.codes(dim))}
        values = np.take(values, [at[c] for c in common[dim]], axis=axis)
    return np.asarray(values, dtype=float)


def _field(a: Economy, b: Economy, name: str, common: dict[str, list[str]], notes: list[str]) -> Difference | None:
    left, right, dims = figures(a, name), figures(b, name), BY_NAME[name].dims
    if left is None or right is None:
        return None
    if not all(common.get(d) for d in dims):
        notes.append(f"{name}: no labels in common")
        return None
    return _difference(name, dims, _on(a, dims, left, common), _on(b, dims, right, common), common)


def _flows(a: Economy, b: Economy, title: str, name: str, common: dict[str, list[str]]) -> Difference:
    dims = BY_NAME[name].dims
    left, right = (_on(e, dims, figures_or_zero(e, name) * e.values("output"), common) for e in (a, b))
    return _difference(title, dims, left, right, common)


def _difference(
    name: str, dims: Sequence[str], left: np.ndarray, right: np.ndarray, common: dict[str, list[str]]
) -> Difference:
    gap = np.abs(right - left)
    moved, size = float(gap.sum()), float(np.abs(left).sum())
    order = np.argsort(-gap, axis=None, kind="stable")[:SHOWN]
    cells = []
    for flat in order.tolist():
        at = tuple(int(k) for k in np.unravel_index(flat, gap.shape))
        if gap[at] == 0:
            break
        labels = tuple(common[d][k] for d, k in zip(dims, at, strict=True))
        cells.append(Cell(labels, float(left[at]), float(right[at])))
    # nothing on the left and something on the right has no ratio: it counts as wholly different
    wape = moved / size if size else float(moved > 0)
    return Difference(name, float(left.sum()), float(right.sum()), moved, wape, tuple(cells))


def _coefficients(a: Economy, b: Economy, common: dict[str, list[str]]) -> dict[str, float]:
    dims = BY_NAME["use"].dims
    left, right = (_on(e, dims, figures_or_zero(e, "use"), common) for e in (a, b))
    gap = np.abs(right - left)
    out = {"mean absolute difference": float(gap.mean())}
    if a.has("output"):
        weight = _on(a, ("activity",), a.values("output"), common)
        total = float((left * weight).sum())
        out["weighted absolute difference"] = float((gap * weight).sum()) / total if total else 0.0
    return out


def output_multipliers(economy: Economy) -> tuple[list[str], np.ndarray] | None:
    """Return output of all activities per unit of final use of each product: ι'(S − U)⁻¹; None where it is not square.

    Activities without base output are left out, and so are products that only they make. Imports count as made here.
    """
    x0 = economy.value_or("output", 1.0)
    supply = figures_or_zero(economy, "supply")[:, x0 > 0]
    made = np.asarray((supply > 0).any(axis=1))
    if int(made.sum()) != supply.shape[1]:
        return None
    system = supply[made] - figures_or_zero(economy, "use")[made][:, x0 > 0]
    try:
        found = np.linalg.solve(system.T, np.ones(len(system)))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(found).all():
        return None
    return [c for c, m in zip(economy.codes("product"), made, strict=True) if m], found


def _multipliers(a: Economy, b: Economy, common: dict[str, list[str]], notes: list[str]) -> Difference | None:
    left, right = output_multipliers(a), output_multipliers(b)
    if left is None or right is None:
        notes.append("multipliers: the number of products and of activities that make them is not the same")
        return None
    first, second = dict(zip(*left, strict=True)), dict(zip(*right, strict=True))
    both = [c for c in common["product"] if c in first and c in second]
    if not both:
        return None
    mine, theirs = (np.array([m[c] for c in both]) for m in (first, second))
    return _difference("output multipliers", ("product",), mine, theirs, {"product": both})
