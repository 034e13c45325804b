"""Flows with every cell on the side where a plan can use it: docs/model.md section 2 has no negative use, supply,
consumption, investment or trade. What is moved goes to committed demand and into the provenance, with its amount."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lustrum.accounts.assemble.options import Options
from lustrum.accounts.assemble.sectors import outside_imports, sectors_of_nothing, some
from lustrum.accounts.national.table import Figures, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


@dataclass
class Flows:
    """Flows of the base year, all of them >= 0 but `committed`.

    Axes: i products, j activities, c columns of final use of that kind, p partners. `table` is the table they are
    from, with the rows and columns that were kept.
    """

    table: FlowTable
    supply: Figures  # (i, j)
    use: Figures  # (i, j)
    consumption: Figures  # (i, c)
    investment: Figures  # (i, c)
    exports: Figures  # (i, c)
    imports: Figures  # (i, p)
    committed: Figures  # (i,)
    changes: list[Change] = field(default_factory=list)

    @property
    def output(self) -> Figures:
        """(j,) output of activities."""
        return np.asarray(self.supply.sum(axis=0))


def clean(table: FlowTable, options: Options) -> Flows:
    """Sort the flows of a table.

    Raises
    ------
    TableError
        If the table is not at basic or producers' prices, or its rows miss their balance by more than
        `options.largest_residual` of the table.
    """
    _need_basic(table)
    changes: list[Change] = []
    table = outside_imports(table, options, changes)
    table = sectors_of_nothing(table, changes)
    flows = _by_sign(table, options, changes)
    _close(flows, options)
    return flows


def _need_basic(table: FlowTable) -> None:
    if table.valuation == "purchaser" or any(np.any(c) for c in table.supply_columns.values()):
        raise TableError(
            "the table is at purchasers' prices: margins and taxes stand inside its uses",
            where=table.source.name,
            found=f"{table.valuation} prices",
            expected="basic or producers' prices",
            mend="bring it to basic prices first (lustrum.accounts.national.valuation)",
        )


#: Kinds of final use that a plan does not choose, with the words of their entry.
_COMMITTED: tuple[tuple[Kind, str], ...] = (
    ("government", "government consumption"),
    ("inventories", "changes in inventories"),
    ("valuables", "acquisitions less disposals of valuables"),
    ("adjustment", "adjustments that close rows"),
)


def _by_sign(table: FlowTable, options: Options, changes: list[Change]) -> Flows:
    committed = np.zeros(len(table.products.codes))

    def positive(figures: Figures, step: str, where: str, why: str, sign: float = 1.0) -> Figures:
        """Keep what is above zero; the rest goes to committed demand on the side where it counts."""
        nonlocal committed
        below = figures.clip(max=0)
        if np.any(below):
            committed = committed + sign * below.sum(axis=1)
            rows = np.flatnonzero(below.sum(axis=1))
            changes.append(
                Change(
                    step,
                    f"{where}: {some(table.products.codes, rows)}",
                    f"{np.count_nonzero(below)} cells below zero went to committed demand",
                    float(-below.sum()),
                    float(np.abs(figures).sum()),
                    why,
                )
            )
        return np.asarray(figures.clip(min=0))

    use, supply = table.use, table.supply
    if np.any(supply < 0):
        below = supply.clip(max=0)
        changes.append(
            Change(
                "negative supply",
                f"supply: {np.count_nonzero(below)} cells",
                "counted as use of the product by the activity",
                float(-below.sum()),
                float(np.abs(supply).sum()),
                "an activity cannot make less than nothing",
            )
        )
        use, supply = use - below, supply.clip(min=0)
    use = positive(use, "negative inputs", "use", "a coefficient below zero would be a by-product, not an input")
    homes: tuple[Kind, ...] = ("household", "nonprofit") if options.nonprofit == "households" else ("household",)
    consumption = positive(
        table.final[:, table.columns(*homes)],
        "negative consumption",
        "households",
        "sales of used goods and purchases of visitors are no need",
    )
    investment = positive(
        table.final[:, table.columns("investment")],
        "negative investment",
        "investment",
        "sales of used assets and scrap come back each year",
    )
    exports = positive(
        table.final[:, table.columns("exports")], "negative exports", "exports", "bookkeeping of the source"
    )
    given = np.zeros((len(committed), len(table.partners.codes))) if table.imports is None else table.imports
    imports = positive(given, "negative imports", "imports", "bookkeeping of the source", -1.0)
    kinds = list(_COMMITTED)
    if options.nonprofit == "committed":
        kinds.insert(1, ("nonprofit", "consumption of non-profit institutions"))
    for kind, words in kinds:
        columns = table.columns(kind)
        if columns and np.any(table.final[:, columns]):
            committed = committed + table.final[:, columns].sum(axis=1)
            codes = ", ".join(table.final_uses[k].code for k in columns[:6]) + (" …" if len(columns) > 6 else "")
            changes.append(
                Change(
                    "committed demand",
                    f"final use: {codes}",
                    f"{words} became demand that the plan does not choose",
                    float(np.abs(table.final[:, columns]).sum()),
                    float(np.abs(table.final).sum()),
                    "the model has no decision for it",
                )
            )
    return Flows(table, supply, use, consumption, investment, exports, imports, committed, changes)


def _close(flows: Flows, options: Options) -> None:
    """Put what rows miss of their balance into committed demand, or refuse the table."""
    gap = (
        flows.supply.sum(axis=1)
        + flows.imports.sum(axis=1)
        - flows.use.sum(axis=1)
        - flows.consumption.sum(axis=1)
        - flows.investment.sum(axis=1)
        - flows.exports.sum(axis=1)
        - flows.committed
    )
    total = float(flows.supply.sum() + flows.imports.sum())
    amount = float(np.abs(gap).sum())
    if amount > options.largest_residual * total:
        worst = int(np.argmax(np.abs(gap)))
        raise TableError(
            "the rows of the table do not close",
            where=f"{flows.table.source.name}: {flows.table.products.codes[worst]}",
            found=f"{amount:,.6g} in all ({amount / total:.1%} of supply), {gap[worst]:,.6g} in this row",
            expected=f"at most {options.largest_residual:.1%}",
            mend="balance the table first: lustrum economy balance",
        )
    if amount > 1e-12 * total:
        rows = np.flatnonzero(np.abs(gap) > 1e-12 * total)
        flows.changes.append(
            Change(
                "rows that do not close",
                f"{rows.size} rows, largest {flows.table.products.codes[int(np.argmax(np.abs(gap)))]}",
                "supply less use went to committed demand",
                amount,
                total,
                "so that base-year balances hold exactly",
            )
        )
    flows.committed = flows.committed + gap
