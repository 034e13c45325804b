"""From supply and use to a symmetric table, by one of four named models.

With S the supply matrix (products × activities), q and g output by product and by activity, U use, Y final use and W
value added (Eurostat 2008, Manual of Supply, Use and Input-Output Tables, section 11.2, p. 349; United Nations
2018, Handbook on Supply and Use Tables, box 12.3, p. 383):

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
from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown_label

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
        expected, mend = unknown_label(model, list(MODELS), "model")
        raise TableError(f"unknown transformation model {model!r}", expected=expected, mend=mend)
    if table.valuation == "purchaser" or any(np.any(c) for c in table.supply_columns.values()):
        raise TableError(
            "a table at purchasers' prices cannot be made symmetric",
            where=table.source.name,
            mend="bring it to basic prices first (lustrum.accounts.national.valuation)",
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
