"""Import splits: what each keeps, and how far proportionality is from the official matrices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accounts.national.us71 import comparable, us71

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national import split
from lustrum.accounts.national.table import FinalUse, FlowTable
from lustrum.errors import LabelError, TableError

YEARS = (2017, 2019, 2020, 2023)


def table(seed: int, imports_above_use: bool = False) -> FlowTable:
    rng = np.random.default_rng(seed)
    n = 4
    labels = Labels(("a", "b", "c", "d"))
    finals = (FinalUse("C", "", "household"), FinalUse("S", "", "inventories"), FinalUse("E", "", "exports"))
    use, final = rng.uniform(0, 9, (n, n)), rng.uniform(1, 9, (n, 3))
    final[0, 1] = -2.0  # stocks are run down
    share = np.full(n, 1.2 if imports_above_use else 0.4)
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


def check(found: FlowTable) -> None:
    assert found.use_imported is not None and found.final_imported is not None
    rows = found.use_imported.sum(axis=1) + found.final_imported.sum(axis=1)
    np.testing.assert_allclose(rows, found.total_imports, rtol=1e-9)
    for part, whole in ((found.use_imported, found.use), (found.final_imported, found.final)):
        assert (part >= 0).all()
        assert (part <= np.maximum(whole, 0) * (1 + 1e-9) + 1e-12).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.booleans())
def test_a_proportional_split_adds_up_to_imports_within_every_cell(seed: int, above: bool) -> None:
    found = split.split_proportional(table(seed, above))
    check(found)
    assert found.final_imported is not None
    assert (found.final_imported[:, 2].sum() > 0) == above  # re-exports only where there is no other use
    assert "likely to be off" in found.provenance[0].why


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_ratios_of_the_same_table_give_its_split_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = table(seed)
    parts = split.split_proportional(one)
    assert parts.use_imported is not None and parts.final_imported is not None
    factor = rng.uniform(0.5, 1, one.use.shape)
    known = one.changed(use_imported=parts.use_imported * factor, final_imported=parts.final_imported)
    assert known.use_imported is not None and known.final_imported is not None
    known = known.changed(imports=(known.use_imported.sum(axis=1) + known.final_imported.sum(axis=1))[:, None])
    found = split.split_by_ratios(known, known)
    check(found)
    assert split.difference(found, known).total == pytest.approx(0, abs=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_ratios_of_another_year_never_fill_a_cell_beyond_its_use(seed: int) -> None:
    check(split.split_by_ratios(table(seed), split.split_proportional(table(seed + 1))))


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_no_split_is_further_from_proportionality_than_the_bound(seed: int) -> None:
    one = table(seed)
    proportional, bound = split.split_proportional(one), split.possible_error(one).bound
    # the most uneven split there is: users are filled one after another
    cells = np.maximum(np.column_stack([one.use, one.final[:, :2]]), 0)
    order = np.random.default_rng(seed).permutation(cells.shape[1])
    left = one.total_imports.copy()
    parts = np.zeros_like(cells)
    for j in order:
        parts[:, j] = np.minimum(left, cells[:, j])
        left = left - parts[:, j]
    final = np.column_stack([parts[:, 4:], np.zeros(4)])
    extreme = split.split_given(one, parts[:, :4], final)
    assert split.difference(proportional, extreme).total <= bound * (1 + 1e-9)


def test_proportionality_misses_the_official_split_by_a_third(test_data: Path) -> None:
    """BEA's own import matrices: a third of all imports, four tenths of those for intermediate use."""
    ratios, found = [], []
    for year in YEARS:
        official = comparable(us71(test_data, year))
        missed = split.difference(split.split_proportional(official), official)
        found.append((missed.total, missed.intermediate))
        ratios.append(missed.total / split.possible_error(official).bound)
    totals, intermediate = zip(*found, strict=True)
    assert min(totals) > 0.32 and max(totals) < 0.35
    assert min(intermediate) > 0.38 and max(intermediate) < 0.42
    # the constants that `possible_error` rests on are these measurements
    assert np.mean(ratios) == pytest.approx(split.MADE_OF_ALLOWED, abs=0.001)
    assert np.mean(totals) == pytest.approx(split.MEASURED, abs=0.01)
    assert np.mean(intermediate) == pytest.approx(split.MEASURED_INTERMEDIATE, abs=0.01)


def test_ratios_of_another_year_are_far_nearer(test_data: Path) -> None:
    official, earlier = (comparable(us71(test_data, y)) for y in (2019, 2017))
    by_ratios = split.difference(split.split_by_ratios(official, earlier), official)
    proportional = split.difference(split.split_proportional(official), official)
    assert by_ratios.total < 0.08 < 0.3 < proportional.total
    assert "all imports" in by_ratios.words()


def test_what_cannot_be_split_is_refused() -> None:
    one = table(1)
    with pytest.raises(TableError, match="no import split"):
        split.split_by_ratios(one, one)
    with pytest.raises(TableError, match="no imports by product"):
        split.split_proportional(one.changed(imports=None))
    with pytest.raises(TableError, match="split it first"):
        split.difference(one, one)
    with pytest.raises(LabelError, match="products"):
        other = split.split_proportional(one).changed(products=Labels(("a", "b", "c", "e")))
        split.split_by_ratios(one, other)
    with pytest.raises(TableError, match="used and exported"):
        split.split_proportional(one.changed(imports=np.full((4, 1), 1e6)))
