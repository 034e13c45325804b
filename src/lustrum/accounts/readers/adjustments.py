"""What tables of some offices need before they can be used: a supply matrix made from its sums, visitors booked once.

The ONS prints output by product and by industry, and not who makes what. The BEA takes what non-residents buy in the
country out of household consumption and adds it to exports, both in one product (noncomparable imports and
rest-of-the-world adjustment), or in the industry to which a derived table gives it. A plan would read that as a product
which households supply, so both sides are taken out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.accounts.national.table import Figures, FinalUse
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


def least_secondary(products: Figures, industries: Figures, where: str = "") -> tuple[Figures, float]:
    """Return the (i, j) supply matrix with given totals and the largest diagonal, and the output beside it.

    With d = min(q, g) on the diagonal, what is left of products and of industries never meets in one row and
    column, so that (q − d)(g − d)ᵀ / Σ(q − d) is secondary output only.

    Raises
    ------
    TableError
        If both sides differ in length or in their sum, or a figure is negative.
    """
    if products.shape != industries.shape or (products < 0).any() or (industries < 0).any():
        raise TableError(
            "output by product and by industry do not fit",
            where=where,
            found=f"{len(products)} products, {len(industries)} industries",
            expected="as many products as industries, and no negative output",
            mend="take both from one table",
        )
    if abs(products.sum() - industries.sum()) > 1e-6 * max(products.sum(), 1.0):
        raise TableError(
            "output by product and by industry have different sums",
            where=where,
            found=f"{products.sum():,.0f} and {industries.sum():,.0f}",
            mend="take both from one table",
        )
    own = np.minimum(products, industries)
    rest, made = products - own, industries - own
    left = float(rest.sum())
    supply: Figures = np.diag(own) + (np.outer(rest, made) / made.sum() if left > 0 else 0.0)
    return supply, left


def without_visitors(
    final: Figures, imported: Figures | None, uses: Sequence[FinalUse], products: Sequence[str]
) -> tuple[Figures, tuple[Change, ...]]:
    """Take out what is below zero in domestic consumption and above zero in exports of the same product.

    Parameters
    ----------
    final, imported
        (i, c) final use, and its imported part where it is known.

    Returns
    -------
    Final use, and the change; none where nothing was taken out.
    """
    homes = [k for k, u in enumerate(uses) if u.kind == "household"]
    ways = [k for k, u in enumerate(uses) if u.kind == "exports"]
    if len(homes) != 1 or len(ways) != 1:
        return final, ()
    home, away = homes[0], ways[0]
    domestic = final[:, home] - (0.0 if imported is None else imported[:, home])
    amount = np.clip(np.minimum(-domestic, final[:, away]), 0.0, None)
    if not amount.any():
        return final, ()
    out = final.copy()
    out[:, home] += amount
    out[:, away] -= amount
    at = ", ".join(products[i] for i in np.flatnonzero(amount).tolist())
    return out, (
        Change(
            "purchases of visitors",
            f"final use: {at}; {uses[home].code}, {uses[away].code}",
            "the adjustment that moves them from household consumption to exports was taken out on both sides; "
            "what visitors bought stays in household consumption, product by product",
            float(amount.sum()),
            float(final[:, home].sum()),
            "the source does not say of which products; exports are smaller by as much",
        ),
    )
