"""Flows with every cell on the side where a plan can use it.

docs/model.md section 2 has no negative use, supply, consumption, investment or trade. What is moved goes to committed
demand and into the provenance, with its amount. Imports without a product become products that are imported only;
sectors of nothing are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lustrum.accounts.assemble.interpretation import Options, rows_of
from lustrum.accounts.checks.diagnose_table import PlainTable, carried_totals, diagnose_table
from lustrum.accounts.checks.report import BROKEN, OPEN_COLUMN
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Kind
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
        If the table is not at basic or producers' prices, its rows or columns miss their balance by more than
        `options.largest_residual` of the table, or a total is carried as a sector.
    """
    _need_basic(table)
    changes: list[Change] = []
    if found := carried_totals(plain_table(table)):
        raise TableError(found[0].what, where=f"{table.source.name}: {found[0].where}", mend=found[0].mend)
    _close_columns(table, options, changes)
    table = outside_imports(table, options, changes)
    table = sectors_of_nothing(table, changes)
    flows = _by_sign(table, options, changes)
    _close(flows, options)
    return flows


def plain_table(table: FlowTable) -> PlainTable:
    """Return the figures that a diagnosis looks at."""
    return PlainTable(
        table.products.codes,
        table.activities.codes,
        table.use,
        table.final,
        table.total_imports,
        table.value_added,
        table.supply.sum(axis=1),
        table.output,
    )


def _not_closing(table: FlowTable, what: str, where: str, found: str, most: float) -> TableError:
    """Return the error for a table that misses its balances, with the diagnosis where there is one."""
    causes = diagnose_table(plain_table(table))
    cause = causes[0] if causes else None
    return TableError(
        what,
        where=f"{table.source.name}: {where}",
        found=found + (f"; {cause.where}: {cause.what}" if cause else ""),
        expected=f"at most {most:.1%}",
        mend=cause.mend if cause else "balance the table first: lustrum economy balance",
    )


def _close_columns(table: FlowTable, options: Options, changes: list[Change]) -> None:
    """Refuse a table whose outputs are not inputs and value added, and record the activities that are left over.

    A table without value added has nothing to compare.
    """
    if not table.value_added.any():
        return
    gap, output = table.column_residuals(), table.output
    total, amount = float(np.abs(output).sum()), float(np.abs(gap).sum())
    worst = int(np.argmax(np.abs(gap)))
    if amount > options.largest_residual * total:
        found = f"{amount:,.6g} in all ({amount / total:.1%} of output), {gap[worst]:,.6g} in this column"
        code = table.activities.codes[worst]
        raise _not_closing(table, "the columns of the table do not close", code, found, options.largest_residual)
    for j in np.flatnonzero(np.abs(gap) > BROKEN * np.abs(output)).tolist():
        sides = "output exceeds inputs and value added" if gap[j] > 0 else "inputs and value added exceed output"
        changes.append(
            Change(
                OPEN_COLUMN,
                table.activities.codes[j],
                f"{sides} by {abs(gap[j]):,.6g}: left as it is",
                float(abs(gap[j])),
                float(output[j]),
                "the source leaves it over, or a cell was left out",
            )
        )


def _need_basic(table: FlowTable) -> None:
    if table.valuation == "purchaser" or any(np.any(c) for c in table.supply_columns.values()):
        raise TableError(
            "the table is at purchasers' prices: margins and taxes stand inside its uses",
            where=table.source.name,
            found=f"{table.valuation} prices",
            expected="basic or producers' prices",
            mend="bring it to basic prices first (lustrum.accounts.national.transform.to_basic)",
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
        found = f"{amount:,.6g} in all ({amount / total:.1%} of supply), {gap[worst]:,.6g} in this row"
        code = flows.table.products.codes[worst]
        raise _not_closing(flows.table, "the rows of the table do not close", code, found, options.largest_residual)
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


def outside_imports(table: FlowTable, options: Options, changes: list[Change]) -> FlowTable:
    """Imports that are a row of value added become products that are imported only, or stay aside."""
    rows = [k for k in rows_of(table, "imports") if np.any(table.value_added[k])]
    if not rows:
        if options.outside_imports == "aside":
            raise TableError(
                "no imports stand in value added: none can be left aside",
                where=table.source.name,
                mend="leave the option out: such rows are products already, or absent",
            )
        return table
    labels, bought = table.value_added_rows, table.value_added[rows]
    codes = [labels.codes[k] for k in rows]
    amount, of = float(np.abs(bought).sum()), float(np.abs(table.value_added).sum())
    if options.outside_imports == "aside" or not table.partners.codes:
        changes.append(
            Change(
                "imports without a product",
                "value added: " + ", ".join(codes),
                "left aside: activities do not need them and nobody pays for them",
                amount,
                of,
                "the option outside_imports says so",
            )
        )
        return table
    imports = (
        np.zeros((len(table.products.codes), len(table.partners.codes))) if table.imports is None else table.imports
    )
    by_partner = imports.sum(axis=0)
    shares = by_partner / by_partner.sum() if by_partner.sum() > 0 else np.eye(1, len(by_partner))[0]
    changes.append(
        Change(
            "imports without a product",
            "value added: " + ", ".join(codes),
            "became products that are imported only, bought by the activities that stand in the row",
            amount,
            of,
            "they are inputs and cost foreign exchange, but the source gives no product"
            + (f"; by partner as all imports ({len(shares)} partners)" if len(shares) > 1 else ""),
        )
    )
    pad = np.zeros((len(rows), 1))
    keep = [k for k in range(len(labels.codes)) if k not in rows]
    new = [c if c not in table.products.codes else f"{c} (outside)" for c in codes]
    region = table.products.regions[0] if len(set(table.products.regions)) == 1 else ""
    names = [labels.names[k] or "Imports without a product" for k in rows]
    return replace(
        table,
        products=Labels(
            (*table.products.codes, *new),
            (*table.products.names, *names),
            (*table.products.units, *[""] * len(rows)),
            (*table.products.regions, *[region] * len(rows)),
        ),
        supply=np.vstack([table.supply, pad * np.zeros((1, table.supply.shape[1]))]),
        use=np.vstack([table.use, bought]),
        final=np.vstack([table.final, pad * np.zeros((1, table.final.shape[1]))]),
        imports=np.vstack([imports, bought.sum(axis=1)[:, None] * shares]),
        use_imported=None,
        final_imported=None,
        supply_columns={},
        tables={
            n: replace(t, figures=np.vstack([t.figures, pad * np.zeros((1, t.figures.shape[1]))]))
            for n, t in table.tables.items()
        },
        value_added_rows=_pick(labels, keep),
        value_added=table.value_added[keep],
    )


def _pick(labels: Labels, keep: Sequence[int]) -> Labels:
    return Labels(*(tuple(getattr(labels, n)[k] for k in keep) for n in ("codes", "names", "units", "regions")))


def sectors_of_nothing(table: FlowTable, changes: list[Change]) -> FlowTable:
    """Leave out activities without output and products that nobody makes or imports."""
    made = table.supply.clip(min=0)
    imported = 0.0 * made.sum(axis=1) if table.imports is None else table.imports.clip(min=0).sum(axis=1)
    idle = np.flatnonzero(made.sum(axis=0) == 0)
    absent = np.flatnonzero((made.sum(axis=1) == 0) & (imported == 0))
    taken = table.use[:, idle] - table.supply[:, idle]  # what idle activities take out of the rows
    if idle.size:
        lost = np.abs(taken).sum()
        beside = [n for n, s in table.satellites.items() if np.any(s.figures[:, idle])]
        changes.append(
            Change(
                "sectors of nothing",
                "activities " + some(table.activities.codes, idle),
                "left out: no output"
                + (", their inputs became committed demand" if lost else "")
                + (f"; figures beside them left out: {', '.join(beside)}" if beside else ""),
                float(lost),
                float(np.abs(table.use).sum()),
                "no coefficient follows from no output",
            )
        )
    if absent.size:
        lost = sum(np.abs(part[absent]).sum() for part in (table.use, table.final, table.supply))
        changes.append(
            Change(
                "sectors of nothing",
                "products " + some(table.products.codes, absent),
                "left out: nobody makes or imports them" + (", their uses with them" if lost else ""),
                float(lost),
                float(np.abs(table.final).sum()),
                "what is not there cannot be planned with",
            )
        )
    if not idle.size and not absent.size:
        return table
    rows = np.setdiff1d(np.arange(len(table.products.codes)), absent)
    columns = np.setdiff1d(np.arange(len(table.activities.codes)), idle)
    final_uses, final = table.final_uses, table.final
    if np.any(taken):  # keep the row balance: these inputs were bought
        final_uses = (*final_uses, FinalUse("idle", "inputs of activities without output", "adjustment"))
        final = np.hstack([final, taken.sum(axis=1)[:, None]])
    return replace(
        table,
        products=_pick(table.products, rows.tolist()),
        activities=_pick(table.activities, columns.tolist()),
        supply=table.supply[np.ix_(rows, columns)],
        use=table.use[np.ix_(rows, columns)],
        final_uses=final_uses,
        final=final[rows],
        value_added=table.value_added[:, columns],
        imports=None if table.imports is None else table.imports[rows],
        use_imported=None,
        final_imported=None,
        supply_columns={},
        satellites={n: replace(s, figures=s.figures[:, columns]) for n, s in table.satellites.items()},
        tables={n: replace(t, figures=t.figures[rows]) for n, t in table.tables.items()},
    )


def some(codes: Sequence[str], at: np.ndarray) -> str:
    """Name the first of many codes."""
    named = ", ".join(codes[k] for k in at[:6].tolist())
    return named + (f" and {len(at) - 6} more" if len(at) > 6 else "")
