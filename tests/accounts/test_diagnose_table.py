"""What goes wrong in tables is said with its figures; tables that are right are left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accounts.assemble.made import table as small
from tests.accounts.national.us71 import us71

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.assemble.flows import plain_table
from lustrum.accounts.checks import check_economy
from lustrum.accounts.checks.diagnose_table import PlainTable, diagnose_table
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable, Satellite
from lustrum.errors import TableError


def drawn(seed: int, n: int = 6) -> PlainTable:
    """A symmetric table that closes, in which no two figures are alike."""
    rng = np.random.default_rng(seed)
    use, final, imports = rng.lognormal(3, 1, (n, n)), rng.lognormal(4, 1, (n, 3)), rng.lognormal(2, 1, n)
    final += use.max()  # so that no sector needs more than it makes
    final[:, 0] += use.sum(axis=0)
    output = use.sum(axis=1) + final.sum(axis=1) - imports
    added = (output - use.sum(axis=0)) * np.array([[0.6], [0.4]])
    codes = [f"s{k}" for k in range(n)]
    return PlainTable(codes, codes, use, final, imports, added, output, output)


def with_total(t: PlainTable, first: int, last: int) -> PlainTable:
    """The table with the sum of the sectors first..last carried as one more sector behind them."""

    def rows(figures: np.ndarray) -> np.ndarray:
        return np.insert(figures, last, figures[first:last].sum(axis=0), axis=0)

    codes = [*t.rows[:last], "sum", *t.rows[last:]]
    made, use, added = rows(np.asarray(t.output)), rows(rows(t.use).T).T, rows(t.value_added.T).T
    return PlainTable(codes, codes, use, rows(t.final), rows(t.imports), added, made, made)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_a_table_that_is_right_is_left_alone(seed: int) -> None:
    t = drawn(seed)
    assert diagnose_table(t) == []
    assert diagnose_table(replace(t, supply=None, output=None)) == []
    # printed figures are rounded
    rounded = replace(t, use=t.use.round(1), final=t.final.round(1), value_added=t.value_added.round(1))
    assert diagnose_table(rounded) == []


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(2, 6))
def test_a_total_or_subtotal_carried_as_a_sector_is_named(seed: int, a: int, size: int) -> None:
    first = min(a, 6 - size)
    t = with_total(drawn(seed), first, first + size)
    found = diagnose_table(t)
    assert [f.where for f in found] == ["row sum"]
    assert f"s{first}" in found[0].what and "total carried as a sector" in found[0].what
    # it may stand before its parts as well
    order = np.roll(np.arange(7), 1) if size == 6 else np.arange(7)
    turned = replace(
        t,
        rows=[t.rows[k] for k in order],
        columns=[t.rows[k] for k in order],
        use=t.use[np.ix_(order, order)],
        final=t.final[order],
        imports=t.imports[order],
        value_added=t.value_added[:, order],
        supply=np.asarray(t.supply)[order],
        output=np.asarray(t.output)[order],
    )
    assert [f.where for f in diagnose_table(turned)] == ["row sum"]


Damage = Callable[[PlainTable], PlainTable]


def made_times(t: PlainTable, factor: float) -> PlainTable:
    """Supply and output in another unit."""
    return replace(t, supply=np.asarray(t.supply) * factor, output=np.asarray(t.output) * factor)


def shares(t: PlainTable) -> PlainTable:
    """Use and value added per unit of output."""
    return replace(t, use=t.use / t.output, value_added=t.value_added / t.output)


DAMAGES: list[tuple[str, Damage]] = [
    ("transposed", lambda t: replace(t, use=t.use.T)),
    ("transposed", lambda t: replace(t, use=t.use.T, supply=None, output=None)),
    ("coefficients, not flows", lambda t: replace(t, use=t.use / t.output)),
    (
        "use and value added look like coefficients",
        shares,
    ),
    ("final looks as if it were in another unit, by a factor of 0.001", lambda t: replace(t, final=t.final * 1000)),
    (
        "imports looks as if it were in another unit, by a factor of 100",
        lambda t: replace(t, imports=t.imports * 0.01),
    ),
    ("value added looks as if it were in another unit", lambda t: replace(t, value_added=t.value_added / 100)),
    (
        "supply and output looks as if",
        lambda t: made_times(t, 10),
    ),
    ("no imports", lambda t: replace(t, imports=0 * t.imports)),
    ("output exceeds inputs and value added in 6 of 6 columns", lambda t: replace(t, value_added=t.value_added[:1])),
]


@pytest.mark.parametrize(("words", "damage"), DAMAGES)
def test_what_was_done_to_a_table_is_said_with_its_figures(words: str, damage: Damage) -> None:
    for seed in range(8):
        found = diagnose_table(damage(drawn(seed)))
        assert words in f"{found[0].where}: {found[0].what}", (seed, found[0])
        assert all(f.severity == "error" and f.mend for f in found)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(0, 5), st.booleans())
def test_a_row_or_column_in_another_unit_and_cells_left_out_are_named(seed: int, k: int, row: bool) -> None:
    t = drawn(seed)
    use, final, added = t.use.copy(), t.final.copy(), t.value_added.copy()
    if row:
        use[k], final[k] = use[k] * 1000, final[k] * 1000
    else:
        use[:, k], added[:, k] = use[:, k] * 1000, added[:, k] * 1000
    found = diagnose_table(replace(t, use=use, final=final, value_added=added))
    assert f"{'row' if row else 'column'} s{k}" in [f.where for f in found if "another unit?" in f.what]
    added = t.value_added.copy()
    added[:, k] = 0.0
    found = diagnose_table(replace(t, value_added=added))
    assert found[0].where == f"column s{k}"


def test_the_tables_of_the_united_states(test_data: Path) -> None:
    table = plain_table(us71(test_data, 2019))
    assert diagnose_table(table) == []
    one = replace(table, value_added=np.delete(table.value_added, 0, axis=0))
    assert "output exceeds inputs and value added in 71 of 71 columns" in diagnose_table(one)[0].what


def carried(table: FlowTable) -> FlowTable:
    """The small table with a total as one more sector."""
    n = len(table.products.codes)
    G = np.vstack([np.eye(n), np.ones((1, n))])
    labels = Labels((*table.products.codes, "TOTAL"))
    return table.changed(
        products=labels,
        activities=labels,
        supply=np.diag(G @ table.output),
        use=G @ table.use @ G.T,
        final=G @ table.final,
        imports=None if table.imports is None else G @ table.imports,
        value_added=table.value_added @ G.T,
    )


def test_an_economy_is_not_made_of_a_table_with_a_total_or_turned_around() -> None:
    with pytest.raises(TableError, match=r"row TOTAL: a total carried as a sector(.|\n)*counts everything twice"):
        to_economy(carried(small()))
    use = small().use * (1.0 + np.arange(7))[:, None]
    output = use.sum(axis=1) + small().final.sum(axis=1) - small().total_imports
    added = (output - use.sum(axis=0)) * np.array([[0.6], [0.3], [0.1]])
    right = small().changed(use=use, supply=np.diag(output), value_added=added)
    assert diagnose_table(plain_table(right)) == []
    turned = right.changed(use=use.T)
    with pytest.raises(TableError, match=r"do not close(.|\n)*looks transposed(.|\n)*turn it around"):
        to_economy(turned)


def test_needed_cells_that_are_left_out_do_not_pass_as_zero() -> None:
    """An activity without its surplus: small beside the table, it is stated and the check calls it an error."""
    table = small()
    added = table.value_added.copy()
    gap = 0.3 * added[:, 1].sum()
    added[1, 1] = 0.0  # the surplus of one activity
    e = to_economy(table.changed(value_added=added))
    change = next(c for c in e.provenance if c.step == "column that does not close")
    assert change.amount == pytest.approx(gap) and change.where == "C10"
    report = check_economy(e)
    assert not report.ok
    assert any("C10" in f.where and "output exceeds inputs" in f.what for f in report.findings)
    # most of value added: the table as a whole is refused
    with pytest.raises(TableError, match=r"columns of the table do not close(.|\n)*7 of 7 columns"):
        to_economy(table.changed(value_added=table.value_added * np.array([[0.0], [1.0], [1.0]])))
    # a table without value added has nothing to compare
    assert check_economy(to_economy(table.changed(value_added=0 * table.value_added))).ok


def test_a_total_row_of_jobs_is_not_counted_again() -> None:
    men, women = np.arange(1.0, 8.0), np.arange(2.0, 9.0)
    rows = Satellite(Labels(("men", "women", "total")), np.array([men, women, men + women]), "labour")
    e = to_economy(small(satellites={"jobs": rows}))
    assert e.codes("skill") == ("men", "women")
    assert e.values("labour_supply").sum() == pytest.approx((men + women).sum())
    assert any("sum of the other rows" in c.what for c in e.provenance)
