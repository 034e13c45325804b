"""Purchases of visitors in the tables of the U.S. Bureau of Economic Analysis.

The BEA takes what non-residents buy in the country out of household consumption and adds it to exports, both in
one product (noncomparable imports and rest-of-the-world adjustment), or in the industry to which a derived table gives
it. A plan would read that as a product which households supply. Both sides are therefore taken out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.accounts.national.table import Figures, FinalUse
from lustrum.accounts.provenance import Change


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
