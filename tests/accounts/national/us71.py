"""The tables of the United States, 71 industries, as tests of the tools read them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from tools.derived_tables.wide import READER

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.balance import Totals
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted


@cache
def us71(data: Path, year: int) -> FlowTable:
    """Industry by industry, with the official import matrix."""
    return READER.read(data / "us_bea_summary71" / f"ixi_{year}", Wanted())


def comparable(table: FlowTable) -> FlowTable:
    """Without the products that nobody makes here: their uses are imports by definition, and no split is needed."""
    keep = np.flatnonzero(table.supply.sum(axis=1) > 0)
    assert table.imports is not None and table.use_imported is not None and table.final_imported is not None
    return table.changed(
        products=Labels(tuple(table.products.codes[k] for k in keep)),
        supply=table.supply[keep],
        use=table.use[keep],
        final=table.final[keep],
        imports=table.imports[keep],
        use_imported=table.use_imported[keep],
        final_imported=table.final_imported[keep],
    )


def totals_of(table: FlowTable) -> Totals:
    """What a statistical office publishes before the table itself: outputs, value added, sums of final use, imports."""
    assert table.imports is not None
    return Totals(
        output=dict(zip(table.activities.codes, table.output.tolist(), strict=True)),
        value_added=dict(zip(table.activities.codes, table.value_added.sum(axis=0).tolist(), strict=True)),
        imports={},
        final={f.code: float(table.final[:, k].sum()) for k, f in enumerate(table.final_uses)},
        groups={"imports": float(table.imports.sum())},
    )
