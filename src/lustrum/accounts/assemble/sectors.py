"""Rows and columns that a plan cannot use as they stand: imports without a product, sectors of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lustrum.accounts.assemble.options import Options
from lustrum.accounts.assemble.primary import rows_of
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


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
