"""Small tables of flows for the tests of `to_economy`: one made by hand, and random ones that close."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable

CODES = ("A01", "C10", "C28", "F", "G47", "L68", "Q86")


def table(codes: tuple[str, ...] = CODES, **changes: Any) -> FlowTable:
    """Seven sectors of ISIC rev. 4, in a table that closes; `changes` replace attributes."""
    n = len(codes)
    use = np.fromfunction(lambda i, j: 2.0 + (3 * i + 5 * j) % 7, (n, n))
    households, government, invested = 10.0 + np.arange(n), 3.0 + np.zeros(n), 1.0 + np.arange(n) % 3
    inventories, exports, imports = 0.5 * np.ones(n), 4.0 + np.zeros(n), 2.0 + np.arange(n)
    final = np.stack([households, government, invested, inventories, exports], axis=1)
    output = use.sum(axis=1) + final.sum(axis=1) - imports
    left = output - use.sum(axis=0)
    made = FlowTable(
        source=Source("made", "Made by hand", 2020, "million"),
        products=Labels(codes),
        activities=Labels(codes),
        supply=np.diag(output),
        use=use,
        final_uses=(
            FinalUse("HH", "Households", "household"),
            FinalUse("GOV", "Government", "government"),
            FinalUse("GFCF", "Investment", "investment"),
            FinalUse("INV", "Inventories", "inventories"),
            FinalUse("EXP", "Exports", "exports"),
        ),
        final=final,
        value_added_rows=Labels(("D1", "B2B3", "D29X39")),
        value_added=np.stack([0.6 * left, 0.3 * left, 0.1 * left]),
        imports=imports[:, None],
    )
    return made.changed(**changes) if changes else made


@st.composite
def tables(draw: st.DrawFn) -> FlowTable:
    """Tables with cells below zero, sectors of nothing, secondary output, and rows that close by an adjustment."""
    i, j = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    cell = st.one_of(st.just(0.0), st.floats(0.01, 100.0), st.floats(-5.0, -0.01))
    above = st.one_of(st.just(0.0), st.floats(0.01, 100.0), st.floats(-1.0, -0.01))
    supply = draw(arrays(float, (i, j), elements=above))
    if draw(st.booleans()):
        supply[:, draw(st.integers(0, j - 1))] = 0.0
    supply[0, 0] += 500.0
    use = draw(arrays(float, (i, j), elements=cell))
    kinds = ("household", "nonprofit", "government", "investment", "investment", "inventories", "valuables", "exports")
    final = draw(arrays(float, (i, len(kinds)), elements=cell))
    imports = draw(arrays(float, (i, 2), elements=cell))
    closing = supply.sum(axis=1) + imports.sum(axis=1) - use.sum(axis=1) - final.sum(axis=1)
    uses = [FinalUse(f"U{k}", "", kind) for k, kind in enumerate(kinds)]  # type: ignore[arg-type]
    return FlowTable(
        source=Source("drawn", "", 2020, "million"),
        products=Labels(tuple(f"p{k}" for k in range(i))),
        activities=Labels(tuple(f"a{k}" for k in range(j))),
        supply=supply,
        use=use,
        final_uses=(*uses, FinalUse("ADJ", "", "adjustment")),
        final=np.hstack([final, closing[:, None]]),
        value_added_rows=Labels(("VA",), ("Value added",)),
        value_added=(supply.sum(axis=0) - use.sum(axis=0))[None, :],
        imports=imports,
        partners=Labels(("east", "west")),
    )
