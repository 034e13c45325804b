"""How far a proportional import split may be off, and how far it was from the official matrices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accounts.national.us71 import comparable, us71

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.picture import MADE_OF_ALLOWED, MEASURED, MEASURED_INTERMEDIATE, possible_error
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.errors import TableError

YEARS = (2017, 2019, 2020, 2023)


def table(seed: int) -> FlowTable:
    rng = np.random.default_rng(seed)
    n = 4
    labels = Labels(("a", "b", "c", "d"))
    finals = (FinalUse("C", "", "household"), FinalUse("S", "", "inventories"), FinalUse("E", "", "exports"))
    use, final = rng.uniform(0, 9, (n, n)), rng.uniform(1, 9, (n, 3))
    final[0, 1] = -2.0  # stocks are run down
    share = np.full(n, 0.4)
    at_home = use.sum(axis=1) + np.maximum(final[:, :2], 0).sum(axis=1)
    imports = (share * at_home)[:, None]
    final[:, 2] += 0.3 * at_home  # enough exports for re-exports
    supply = np.diag(use.sum(axis=1) + final.sum(axis=1) - imports[:, 0])
    return FlowTable(
        Source("t", base_year=2020),
        labels,
        labels,
        supply,
        use,
        finals,
        final,
        Labels(("VA",)),
        (supply.sum(axis=0) - use.sum(axis=0))[None, :],
        imports=imports,
    )


def proportional(one: FlowTable) -> tuple[np.ndarray, np.ndarray]:
    """The imported part of every cell of intermediate and final use, the same share for every user at home."""
    final = np.maximum(one.final, 0.0)
    final[:, one.columns("exports", "adjustment")] = 0.0
    use = np.maximum(one.use, 0.0)
    at_home = use.sum(axis=1) + final.sum(axis=1)
    share = np.minimum(one.total_imports, at_home) / np.where(at_home > 0, at_home, 1.0)
    return share[:, None] * use, share[:, None] * final


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_no_split_is_further_from_proportionality_than_the_bound(seed: int) -> None:
    one = table(seed)
    use, final = proportional(one)
    # the most uneven split there is: users are filled one after another
    cells = np.maximum(np.column_stack([one.use, one.final[:, :2]]), 0)
    left = one.total_imports.copy()
    parts = np.zeros_like(cells)
    for j in np.random.default_rng(seed).permutation(cells.shape[1]):
        parts[:, j] = np.minimum(left, cells[:, j])
        left = left - parts[:, j]
    apart = np.abs(parts - np.column_stack([use, final[:, :2]])).sum() / parts.sum()
    assert apart <= possible_error(one).bound * (1 + 1e-9)


def test_proportionality_misses_the_official_split_by_a_third(test_data: Path) -> None:
    """BEA's own import matrices: a third of all imports, four tenths of those for intermediate use."""
    ratios, totals, intermediate = [], [], []
    for year in YEARS:
        official = comparable(us71(test_data, year))
        assert official.use_imported is not None and official.final_imported is not None
        use, final = proportional(official)
        inner, outer = np.abs(use - official.use_imported).sum(), np.abs(final - official.final_imported).sum()
        of = np.abs(official.use_imported).sum(), np.abs(official.final_imported).sum()
        totals.append((inner + outer) / sum(of))
        intermediate.append(inner / of[0])
        ratios.append(totals[-1] / possible_error(official).bound)
    assert min(totals) > 0.32 and max(totals) < 0.35
    assert min(intermediate) > 0.38 and max(intermediate) < 0.42
    # the constants that `possible_error` rests on are these measurements
    assert np.mean(ratios) == pytest.approx(MADE_OF_ALLOWED, abs=0.001)
    assert np.mean(totals) == pytest.approx(MEASURED, abs=0.01)
    assert np.mean(intermediate) == pytest.approx(MEASURED_INTERMEDIATE, abs=0.01)


def test_a_table_without_imports_has_no_split() -> None:
    with pytest.raises(TableError, match="no imports by product"):
        possible_error(table(1).changed(imports=None))
