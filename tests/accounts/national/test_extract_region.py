"""A country extracted from a world table keeps every figure that touches it, by partner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.extract_region import extract_region, regions_of
from lustrum.accounts.national.table import FinalUse, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.wiod_world import bilateral_imports, read_world
from lustrum.errors import TableError

KINDS = ("household", "investment", "inventories")


def world(seed: int, regions: int = 3, sectors: int = 2, lowest: float = 0.0) -> FlowTable:
    rng = np.random.default_rng(seed)
    names = [f"R{k}" for k in range(regions)]
    codes = [f"{r}.s{k}" for r in names for k in range(sectors)]
    labels = Labels(tuple(codes), (), (), tuple(r for r in names for _ in range(sectors)))
    uses = tuple(FinalUse(f"{r}.{k}", f"{r}: {k}", k, r) for r in names for k in KINDS)  # type: ignore[arg-type]
    n = len(codes)
    use, final = rng.integers(0, 50, (n, n)).astype(float), rng.integers(20, 90, (n, len(uses))).astype(float)
    final[:, 2::3] = rng.integers(int(lowest), 10, final[:, 2::3].shape)
    final[:, 0] += 60.0 * n
    output = use.sum(axis=1) + final.sum(axis=1)
    jobs = Satellite(Labels(("jobs",)), rng.uniform(0, 9, (1, n)), "labour")
    return FlowTable(
        Source("w", base_year=2000),
        labels,
        labels,
        np.diag(output),
        use,
        uses,
        final,
        Labels(("VA",)),
        (output - use.sum(axis=0))[None, :],
        satellites={"jobs": jobs},
    )


def block(table: FlowTable, seller: str, buyer: str) -> np.ndarray:
    rows = [r == seller for r in table.products.regions]
    use = table.use[np.ix_(rows, [r == buyer for r in table.activities.regions])].sum(axis=1)
    final = table.final[np.ix_(rows, [c.region == buyer for c in table.final_uses])].sum(axis=1)
    return np.asarray(use + final)


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 4))
def test_every_flow_across_the_border_is_there_once(seed: int, regions: int, sectors: int) -> None:
    whole = world(seed, regions, sectors)
    for home in regions_of(whole):
        found = extract_region(whole, home)
        assert found.imports is not None and found.use_imported is not None and found.final_imported is not None
        assert found.products.codes == tuple(f"s{k}" for k in range(sectors))
        assert not np.abs(found.row_residuals()).any() and not np.abs(found.column_residuals()).any()
        for p, partner in enumerate(found.partners.codes):
            np.testing.assert_array_equal(found.imports[:, p], block(whole, partner, home))
            sold = [k for k, c in enumerate(found.final_uses) if c.kind == "exports" and c.partner == partner]
            np.testing.assert_array_equal(found.final[:, sold].sum(axis=1), block(whole, home, partner))
        np.testing.assert_array_equal(
            found.use_imported.sum(axis=1) + found.final_imported.sum(axis=1), found.total_imports
        )
        here = [r == home for r in whole.products.regions]
        np.testing.assert_array_equal(found.use - found.use_imported, whole.use[np.ix_(here, here)])
        np.testing.assert_array_equal(found.satellites["jobs"].figures, whole.satellites["jobs"].figures[:, here])


@given(st.integers(0, 2**32 - 1))
def test_trade_of_the_world_balances(seed: int) -> None:
    whole = world(seed, 4)
    parts = [extract_region(whole, r) for r in regions_of(whole)]
    assert sum(p.total_imports.sum() for p in parts) == sum(p.final_of("exports").sum() for p in parts)
    assert sum(p.output.sum() for p in parts) == whole.output.sum()


def test_partners_may_be_grouped_by_number_or_by_name() -> None:
    whole = world(3, 6)
    every, two = extract_region(whole, "R0"), extract_region(whole, "R0", 2)
    trade = {p: block(whole, p, "R0").sum() + block(whole, "R0", p).sum() for p in every.partners.codes}
    largest = sorted(trade, key=lambda p: -trade[p])[:2]
    assert set(two.partners.codes) == {*largest, "rest"}
    np.testing.assert_array_equal(two.total_imports, every.total_imports)
    note = next(c for c in two.provenance if c.step == "partners grouped")
    assert note.amount == sum(v for p, v in trade.items() if p not in largest) and note.of == sum(trade.values())
    named = extract_region(whole, "R0", ["R4"])
    assert named.partners.codes == ("R4", "rest")
    np.testing.assert_array_equal(named.final_of("exports"), every.final_of("exports"))
    with pytest.raises(TableError, match=r"no partner 'R9'"):
        extract_region(whole, "R0", ["R9"])


def test_imports_below_zero_are_raised_and_told() -> None:
    whole = world(5)
    final, supply = whole.final.copy(), whole.supply.copy()
    column = next(k for k, c in enumerate(whole.final_uses) if c.code == "R0.inventories")
    drawn = block(whole, "R1", "R0")[0] + 100.0  # R0 draws down stocks of R1.s0 by more than it buys
    final[2, column] -= drawn
    supply[2, 2] -= drawn
    spoilt = replace(whole, final=final, supply=supply)
    found = extract_region(spoilt, "R0")
    assert found.imports is not None and (found.imports >= 0).all()
    assert not np.abs(found.row_residuals()).any()
    note = next(c for c in found.provenance if c.step == "negative imports")
    assert note.where == "s0 from R1" and note.amount == 100.0 == -block(spoilt, "R1", "R0")[0]
    # for R1 it is a delivery below zero, left as published
    told = extract_region(spoilt, "R1").provenance
    assert any("exports by product and partner are below zero" in c.what for c in told)


def test_sectors_that_only_others_have_become_products_without_a_producer() -> None:
    whole = world(8)
    codes = tuple("R1.x" if c == "R1.s1" else c for c in whole.products.codes)
    labels = Labels(codes, (), (), whole.products.regions)
    found = extract_region(replace(whole, products=labels, activities=labels), "R0")
    assert found.products.codes == ("s0", "s1", "x") and found.activities.codes == ("s0", "s1")
    assert not found.supply[2].any() and found.total_imports[2] > 0
    assert not np.abs(found.row_residuals()).any()


def test_what_was_done_to_the_world_is_kept_in_words_and_the_country_s_own_part_as_an_amount() -> None:
    whole = world(2)
    left = FinalUse("R0.RESIDUAL", "R0: residual", "adjustment", "R0")
    rest = np.array([[3.0], [-1.0], [0.0], [0.0], [0.0], [0.0]])
    made = replace(
        whole,
        final_uses=(*whole.final_uses, left),
        final=np.hstack([whole.final, rest]),
        supply=whole.supply + np.diag(rest[:, 0]),
        provenance=(Change("residual of rows", "6 rows", "it went there", 4.0, 100.0),),
    )
    kept, own = extract_region(made, "R0").provenance[:2]
    assert kept.what == "it went there (4 in the whole world table)" and kept.amount == 0
    assert (own.step, own.amount) == ("country carved out", 4.0)
    assert extract_region(made, "R1").provenance[1].amount == 0


def test_accounts_of_a_country_and_of_a_small_world_pass_the_checks(test_data: Path) -> None:
    whole = read_world(test_data / "wiod2013_mrio", 2007)
    country = to_economy(extract_region(whole, "SWE", 5))
    assert check_economy(country).ok and len(country.codes("partner")) == 6
    assert country.values("imports").sum() == pytest.approx(extract_region(whole, "SWE").total_imports.sum())
    small = world(3)
    three = to_economy(small)
    assert check_economy(three).ok and three.codes("region") == ("R0", "R1", "R2")
    assert three.values("output").sum() == pytest.approx(small.output.sum())


def test_the_whole_world_becomes_one_economy_that_balances(test_data: Path) -> None:
    whole = read_world(test_data / "wiod2013_mrio", 2011)
    economy = to_economy(whole)
    assert economy.size("product") == 1435 - 22 and economy.size("region") == 41
    made = economy.values("supply") @ economy.values("output")
    used = (
        economy.values("use") @ economy.values("output")
        + economy.values("committed_demand")
        + economy.values("need_composition") @ economy.values("consumption").sum(axis=0)
        + economy.values("asset_composition") @ economy.values("investment").sum(axis=1)
    )
    np.testing.assert_allclose(used, made, rtol=1e-9, atol=1e-6 * made.max())


def test_regions_are_extracted_from_world_tables_only() -> None:
    whole = world(1)
    with pytest.raises(TableError, match=r"no region 'R7'(.|\n)*R0, R1, R2"):
        extract_region(whole, "R7")
    with pytest.raises(TableError, match="the table has no regions"):
        extract_region(extract_region(whole, "R0"), "R0")
    with pytest.raises(TableError, match="imports from outside"):
        extract_region(replace(whole, imports=np.ones((6, 1))), "R0")
    supply = whole.supply.copy()
    supply[0, 3] = 4.0
    with pytest.raises(TableError, match="industries of one region make products of another"):
        extract_region(replace(whole, supply=supply), "R0")


def test_imports_of_an_extracted_country_are_the_published_bilateral_ones(test_data: Path) -> None:
    """The bilateral file of 1995-2011 holds all imports by importer, partner and sector: every one of them is found."""
    whole = read_world(test_data / "wiod2013_mrio", 2011)
    file = test_data / "wiod2013_bilateral_trade" / "imports_by_partner_sector_1995_2011.parquet"
    by_importer = bilateral_imports(file, 2011)
    for home in regions_of(whole):
        found, published = extract_region(whole, home), by_importer[home]
        assert found.imports is not None
        expected = np.array([[published.get((s, p), 0.0) for p in found.partners.codes] for s in found.products.codes])
        # three cells below zero, of the rest of the world, were raised to zero
        raised = sum(c.amount for c in found.provenance if c.step == "negative imports")
        np.testing.assert_array_equal(found.imports, np.maximum(expected, 0.0))
        assert raised == -expected[expected < 0].sum() == (369.0 if home == "RoW" else 0.0)
        assert not np.abs(found.row_residuals()).any() and not np.abs(found.column_residuals()).any()
