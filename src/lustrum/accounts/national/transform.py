"""From published supply and use to basic prices, and to a symmetric table.

`to_basic` takes trade margins and taxes on products out of every use. A supply-use table at purchasers' prices has, for
each product, supply at basic prices + margins + taxes less subsidies = use at purchasers' prices. The layers by use are
rarely published. Here every use of a product carries the same margin and, if it is taxed at all, the same tax per unit;
the margins become purchases of the products that earn them. Eurostat (2008), Manual of Supply, Use and Input-Output
Tables, chapter 6, sets out the layers. How far that can be off: for the United Kingdom of 2019 the rule gives
households 106 of the 238 billion pounds of taxes on products and industries 100; the official analytical tables of that
year give them 127 and 62, because firms get value added tax back. Final consumption of households at basic prices is
0.9 % too high, investment 4 %.

`symmetric` goes from supply and use to a symmetric table, by one of four named models. With S the supply matrix
(products × activities), q and g output by product and by activity, U use, Y final use and W value added (Eurostat 2008,
section 11.2, p. 349; United Nations 2018, Handbook on Supply and Use Tables, box 12.3, p. 383):

    A  product technology       product × product        T = S⁻¹ diag(q)         U T, W T, Y        may be negative
    B  industry technology      product × product        T = diag(g)⁻¹ Sᵀ        U T, W T, Y
    C  fixed industry sales     industry × industry      T = diag(g) S⁻¹         T U, W, T Y        may be negative
    D  fixed product sales      industry × industry      T = Sᵀ diag(q)⁻¹        T U, W, T Y

A and C need as many products as activities. Negative cells of A and C stay, and the provenance counts them. A product
that nobody makes at home (an import without a domestic producer) keeps a row of its own in every model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown

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


MODELS: dict[str, str] = {
    "A": "product technology",
    "B": "industry technology",
    "C": "fixed industry sales",
    "D": "fixed product sales",
}
#: Imports stay by product if this share of the products made at home carries the code of an activity.
SAME_CODES = 0.9


def symmetric(table: FlowTable, model: str) -> FlowTable:
    """Turn supply and use into a symmetric table.

    In A and B activities become products; satellites and value added go with T. In C and D products become
    activities. There the domestic part of use is transformed alone where it is known and products carry the codes of
    activities: imports then stay on the row of their product. Otherwise imports go with T too.

    Parameters
    ----------
    model
        "A" product technology, "B" industry technology, "C" fixed industry sales, "D" fixed product sales.

    Raises
    ------
    TableError
        If the model is unknown, the table is at purchasers' prices, an activity without output has inputs, or (A
        and C) the supply matrix of what is made cannot be inverted.
    """
    if model not in MODELS:
        raise unknown(TableError, f"unknown transformation model {model!r}", model, list(MODELS), "model")
    if table.valuation == "purchaser" or any(np.any(c) for c in table.supply_columns.values()):
        raise TableError(
            "a table at purchasers' prices cannot be made symmetric",
            where=table.source.name,
            mend="bring it to basic prices first (lustrum.accounts.national.transform.to_basic)",
        )
    made, active = np.any(table.supply != 0, axis=1), np.any(table.supply != 0, axis=0)
    if np.any(table.use[:, ~active]):
        j = int(np.flatnonzero(~active & np.any(table.use != 0, axis=0))[0])
        raise TableError(
            "an activity without output has inputs",
            where=f"{table.source.name}: {table.activities.codes[j]}",
            mend="aggregate it with another",
        )
    matrix = _matrix(table, model, made, active)
    done = _by_product(table, matrix, made, active) if model in "AB" else _by_industry(table, matrix, made, active)
    changes = [
        Change(
            "symmetric table",
            f"supply: {len(table.products.codes)} products, {len(table.activities.codes)} activities",
            f"model {model}, {MODELS[model]}: secondary output was moved",
            _off_main(table),
            float(np.abs(table.supply).sum()),
            "asked for",
        )
    ]
    for name, before, after in (
        ("use", table.use, done.use),
        ("value added", table.value_added, done.value_added),
        ("final use", table.final, done.final),
    ):
        new = float(-after.clip(max=0).sum() + before.clip(max=0).sum())
        if new > 1e-9 * float(np.abs(after).sum()):
            count = int((after < -1e-9 * np.abs(after).max()).sum())
            changes.append(
                Change(
                    "symmetric table",
                    f"{name}: {count} cells below zero",
                    f"cells below zero stay as model {model} gives them",
                    new,
                    float(np.abs(after).sum()),
                    f"{MODELS[model]} does not hold for every product",
                )
            )
    return done.changed(*changes)


def _off_main(table: FlowTable) -> float:
    """Output that is not an activity's largest product."""
    return float(np.abs(table.supply).sum() - np.abs(table.supply).max(axis=0).sum())


def _matrix(table: FlowTable, model: str, made: np.ndarray, active: np.ndarray) -> Figures:
    """T, (activity, product) of what is made and active; the docstring of the module has the formulas."""
    supply = table.supply[np.ix_(made, active)]
    q, g = supply.sum(axis=1), supply.sum(axis=0)
    for name, total, labels in (
        ("product", q, np.array(table.products.codes)[made]),
        ("activity", g, np.array(table.activities.codes)[active]),
    ):
        if (total <= 0).any():
            raise TableError(
                f"a {name} has no positive output in all",
                where=f"{table.source.name}: {labels[int(np.argmin(total))]}",
                found=f"{total.min():,.6g}",
                mend="aggregate it with another",
            )
    if model == "B":
        return np.asarray(supply.T / g[:, None])
    if model == "D":
        return np.asarray(supply.T / q[None, :])
    if supply.shape[0] != supply.shape[1]:
        raise TableError(
            f"model {model} needs as many products as activities",
            where=table.source.name,
            found=f"{supply.shape[0]} products are made by {supply.shape[1]} activities",
            mend="take model B or D, or aggregate first",
        )
    if not np.linalg.cond(supply / g) < 1e10:
        raise TableError(
            "the supply matrix cannot be inverted",
            where=table.source.name,
            found="two activities make products in the same proportions",
            mend="take model B or D, or aggregate first",
        )
    inverse = np.linalg.inv(supply)
    return np.asarray(inverse * q[None, :] if model == "A" else inverse * g[:, None])


def _by_product(table: FlowTable, t: Figures, made: np.ndarray, active: np.ndarray) -> FlowTable:
    """A and B: activities become the products that are made."""
    labels = _pick(table.products, made)
    supply = np.zeros((len(table.products.codes), len(labels.codes)))
    supply[np.flatnonzero(made), np.arange(len(labels.codes))] = table.supply[made].sum(axis=1)
    imported = None if table.use_imported is None else table.use_imported[:, active] @ t
    return replace(
        table,
        activities=labels,
        supply=supply,
        use=table.use[:, active] @ t,
        use_imported=imported,
        value_added=table.value_added[:, active] @ t,
        satellites={n: replace(s, figures=s.figures[:, active] @ t) for n, s in table.satellites.items()},
    )


def _by_industry(table: FlowTable, t: Figures, made: np.ndarray, active: np.ndarray) -> FlowTable:
    """C and D: products become activities; imports without a producer, or by product, keep rows of their own."""
    n, codes = len(table.activities.codes), table.products.codes
    sold = np.zeros((n, len(codes)))
    sold[np.ix_(np.flatnonzero(active), np.flatnonzero(made))] = t
    own = np.isin(codes, table.activities.codes)
    kept = table.use_imported is not None and own[made].mean() >= SAME_CODES
    to_rows, extra = _import_rows(table, sold, made, own, kept)
    sold = np.vstack([sold, np.zeros((len(extra), len(codes)))])
    rows, value_added, changes = table.value_added_rows, table.value_added, []
    if kept:
        use_in, final_in = np.asarray(table.use_imported), np.asarray(table.final_imported)
        use_at_home, final_at_home = table.use - use_in, table.final - final_in
        use, final = sold @ use_at_home + to_rows @ use_in, sold @ final_at_home + to_rows @ final_in
        lost = use_at_home[~made].sum(axis=0)
        amount = float(np.abs(lost).sum() + np.abs(final_at_home[~made]).sum())
        names = ", ".join(codes[i] for i in extra) or "no product"
        changes.append(
            Change(
                "symmetric table",
                "imports",
                f"imports stay on the row of their product, {names} on a row without a producer",
                float(table.total_imports.sum()),
                float(table.total_imports.sum()),
                "the source gives the imported part",
            )
        )
        if amount > 1e-9 * float(np.abs(table.use).sum()):
            rows = Labels((*rows.codes, "DOM_noproducer"), (*rows.names, "Domestic goods without a producer"))
            value_added = np.vstack([value_added, lost[None, :]])
            changes.append(
                Change(
                    "symmetric table",
                    "use: products that nobody makes",
                    "domestic use of them became an input without a producer",
                    amount,
                    float(np.abs(table.use).sum()),
                    "no activity sells it",
                )
            )
    else:
        use, final = to_rows @ table.use, to_rows @ table.final
    new = _pick(table.products, np.isin(np.arange(len(codes)), extra))
    both = [(*getattr(table.activities, k), *getattr(new, k)) for k in ("codes", "names", "units", "regions")]
    return replace(
        table,
        products=Labels(*both),
        supply=np.vstack([np.diag(table.output), np.zeros((len(extra), n))]),
        use=use,
        final=final,
        imports=None if table.imports is None else to_rows @ table.imports,
        use_imported=None if table.use_imported is None else to_rows @ table.use_imported,
        final_imported=None if table.final_imported is None else to_rows @ table.final_imported,
        value_added_rows=rows,
        value_added=value_added,
        tables={
            k: replace(v, figures=np.where(sold.any(axis=0), sold, to_rows) @ v.figures)
            for k, v in table.tables.items()
        },
        provenance=(*table.provenance, *changes),
    )


def _import_rows(
    table: FlowTable, sold: Figures, made: np.ndarray, own: np.ndarray, kept: bool
) -> tuple[Figures, list[int]]:
    """(rows, product) where imports go, and the products that need a row of their own.

    With the domestic output of their product; or, if they are kept by product, on the row of the activity
    that has its code. A product that neither is made nor has an activity's code stays a product.
    """
    activities = {c: k for k, c in enumerate(table.activities.codes)}
    figures = (
        [table.use, table.final] if not kept else [np.asarray(table.use_imported), np.asarray(table.final_imported)]
    )
    some = np.any(np.hstack([*figures, table.total_imports[:, None]]) != 0, axis=1)
    alone = ~own & some & (kept | ~made)
    extra = np.flatnonzero(alone).tolist()
    out = np.vstack([sold, np.zeros((len(extra), sold.shape[1]))])
    for i, code in enumerate(table.products.codes):
        if own[i] and (kept or not made[i]):
            out[:, i] = 0.0
            out[activities[code], i] = 1.0
        elif alone[i]:
            out[:, i] = 0.0
            out[sold.shape[0] + extra.index(i), i] = 1.0
    return out, extra


def _pick(labels: Labels, keep: np.ndarray) -> Labels:
    at = np.flatnonzero(keep).tolist()
    return Labels(*(tuple(getattr(labels, n)[k] for k in at) for n in ("codes", "names", "units", "regions")))
