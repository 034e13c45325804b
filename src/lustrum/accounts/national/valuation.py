"""From purchasers' prices to basic prices: trade margins and taxes on products taken out of every use.

A supply-use table at purchasers' prices has, for each product, supply at basic prices + margins + taxes less
subsidies = use at purchasers' prices. The layers by use are rarely published. Here every use of a product carries the
same margin and, if it is taxed at all, the same tax per unit; the margins become purchases of the products that
earn them.
Eurostat (2008), Manual of Supply, Use and Input-Output Tables, chapter 6, sets out the layers.

How far that can be off: for the United Kingdom of 2019 the rule gives households 106 of the 238 billion pounds of taxes
on products and industries 100; the official analytical tables of that year give them 127 and 62, because firms
get value added tax back. Final consumption of households at basic prices is 0.9 % too high, investment 4 %.
"""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

#: Value added tax is given back on exports, and nobody has bought what lies in stock.
UNTAXED: tuple[Kind, ...] = ("exports", "inventories", "valuables", "adjustment")


def to_basic(table: FlowTable, untaxed: tuple[Kind, ...] = UNTAXED) -> FlowTable:
    """Bring a table at purchasers' prices to basic prices.

    A column of `supply_columns` that sums to nothing and has figures below zero is margins: products below zero earn
    them, and every other product's uses pay them, in proportion. Any other column is taxes less subsidies, paid by
    the uses that are not of an `untaxed` kind, in proportion.

    Parameters
    ----------
    untaxed
        Kinds of final use without taxes on products. A product whose other uses are smaller than its tax is taxed
        in all uses, and the provenance says so.

    Returns
    -------
    FlowTable
        With `valuation` basic, no supply columns, a row of value added for the taxes that activities pay; rows and
        columns close as before. Taxes that final users pay belong to no product: their sum is in the provenance.

    Raises
    ------
    TableError
        If the table has nothing to take out, has an imported part of its own, or a product has a layer and no use.
    """
    if table.valuation == "basic" and not table.supply_columns:
        raise TableError("the table is at basic prices already", where=table.source.name, mend="use it as it is")
    if table.use_imported is not None:
        raise TableError(
            "the imported part of a table at purchasers' prices cannot be brought to basic prices",
            where=table.source.name,
            mend="split imports after the valuation",
        )
    n = len(table.activities.codes)
    bought = np.hstack([table.use, table.final])
    out, changes, rows = bought.copy(), [], []
    exempt = np.array([False] * n + [u.kind in untaxed for u in table.final_uses])
    for name, column in table.supply_columns.items():
        if not np.any(column):
            continue
        if abs(column.sum()) <= 1e-6 * np.abs(column).sum() and (column < 0).any():
            layer = _per_use(table, name, np.maximum(column, 0), bought)
            earned = np.maximum(-column, 0) / np.maximum(-column, 0).sum()
            out += np.outer(earned, layer.sum(axis=0)) - layer
            changes.append(
                Change(
                    "valuation",
                    f"supply: {name}",
                    "margins were taken out of every use of a product in one proportion, "
                    f"and bought from {_names(table, column < 0)}",
                    float(layer.sum()),
                    float(np.abs(bought).sum()),
                    "the source does not give margins by use",
                )
            )
            continue
        layer = _taxes(table, name, column, bought, exempt, changes)
        out -= layer
        rows.append((name, layer[:, :n].sum(axis=0)))
        paid = layer[:, n:].sum(axis=0)
        by_use = ", ".join(f"{u.code} {v:,.0f}" for u, v in zip(table.final_uses, paid, strict=True) if abs(v) >= 0.5)
        changes.append(
            Change(
                "valuation",
                f"supply: {name}",
                "taxes less subsidies on products were taken out of the uses that pay them "
                "in one proportion for each product; activities pay them as a row of value added",
                float(np.abs(layer).sum()),
                float(np.abs(bought).sum()),
                "the source does not give taxes by use; exports and stocks are taken to be untaxed",
            )
        )
        changes.append(
            Change(
                "left out",
                f"{name}: {by_use or 'nothing'}",
                "taxes less subsidies on products, paid by final users, belong to no product",
                float(np.abs(paid).sum()),
                float(np.abs(table.final).sum()),
                "final use is at basic prices",
            )
        )
    codes = tuple("TLS_products" if name == "taxes" else name for name, _ in rows)
    labels = table.value_added_rows
    return table.changed(
        *changes,
        use=out[:, :n],
        final=out[:, n:],
        valuation="basic",
        supply_columns={},
        value_added_rows=Labels(
            (*labels.codes, *codes), (*labels.names, *("Taxes less subsidies on products",) * len(rows))
        ),
        value_added=np.vstack([table.value_added, *(paid[None, :] for _, paid in rows)]),
    )


def _per_use(table: FlowTable, name: str, column: Figures, bought: Figures) -> Figures:
    """(i, uses) a column spread over the uses of each product in proportion."""
    total = bought.sum(axis=1)
    lost = (column != 0) & (total <= 0)
    if lost.any():
        i = int(np.argmax(lost))
        raise TableError(
            f"a product has {name} but nobody uses it",
            where=f"{table.source.name}: {table.products.codes[i]}",
            found=f"{column[i]:,.6g}",
            mend="look for a missing row of use",
        )
    return np.asarray(bought * np.divide(column, total, out=np.zeros_like(total), where=total > 0)[:, None])


def _taxes(
    table: FlowTable, name: str, column: Figures, bought: Figures, exempt: np.ndarray, changes: list[Change]
) -> Figures:
    taxed = np.where(exempt, 0.0, bought)
    small = (column != 0) & (taxed.sum(axis=1) < 1.5 * np.abs(column)) & (bought.sum(axis=1) > taxed.sum(axis=1))
    if small.any():
        taxed = np.where(small[:, None], bought, taxed)
        changes.append(
            Change(
                "valuation",
                f"supply: {name}; {_names(table, small)}",
                "their taxes were taken out of all uses, exports too",
                float(np.abs(column[small]).sum()),
                float(np.abs(column).sum()),
                "the taxed uses are too small to carry them",
            )
        )
    return _per_use(table, name, column, taxed)


def _names(table: FlowTable, which: np.ndarray) -> str:
    codes = [c for c, w in zip(table.products.codes, which, strict=True) if w]
    return ", ".join(codes[:6]) + (f" and {len(codes) - 6} more" if len(codes) > 6 else "")
