"""Comparing economies, and the picture of one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.national.compare import compare, output_multipliers
from lustrum.accounts.national.multipliers import multipliers
from lustrum.accounts.national.picture import picture, sector
from lustrum.accounts.national.table import flows_of
from lustrum.errors import TableError


def by_name(found: object, name: str) -> object:
    return next(t for t in found.tables if t.name == name)  # type: ignore[attr-defined]


def test_an_economy_is_equal_to_itself() -> None:
    economy = load_economy("us-2019-16")
    found = compare(economy, economy)
    assert found.equal and not any(t.largest for t in found.tables)
    assert found.multipliers is not None and found.multipliers.moved == 0
    json.dumps(found.document(), allow_nan=False)


def test_one_changed_cell_is_found_with_its_amount() -> None:
    a = load_economy("us-2019-16")
    use = a.values("use").copy()
    use[3, 5] += 0.01
    found = compare(a, a.with_data(use=use))
    flows = by_name(found, "intermediate use")
    moved = 0.01 * a.values("output")[5]
    assert flows.moved == pytest.approx(moved)  # type: ignore[attr-defined]
    assert flows.wape == pytest.approx(moved / (a.values("use") * a.values("output")).sum())  # type: ignore[attr-defined]
    assert flows.largest[0].labels == (a.codes("product")[3], a.codes("activity")[5])  # type: ignore[attr-defined]
    assert found.coefficients["mean absolute difference"] == pytest.approx(0.01 / 256)
    assert found.multipliers is not None and found.multipliers.largest[0].labels == (a.codes("product")[5],)
    assert not found.equal


def test_labels_in_another_order_are_the_same_accounts() -> None:
    """Cells meet by label, never by position."""
    a = load_economy("us-2019-16")
    turned = a.codes("product")[::-1]
    sets = {**a.sets, "product": Labels(turned), "activity": Labels(turned)}
    data = {n: x.sel({d: list(turned) for d in ("product", "activity") if d in x.dims}) for n, x in a.data.items()}
    found = compare(a, Economy(a.source, sets, data))
    assert all(t.moved == 0 for t in found.tables)
    assert found.multipliers is not None and found.multipliers.wape < 1e-12


def test_what_one_side_has_alone_is_listed() -> None:
    a, b = load_economy("us-2019-16"), load_economy("us-2019")
    found = compare(a, b)
    assert "PROF" in found.only_a["product"] and "111CA" in found.only_b["product"]
    assert by_name(found, "population").wape == 0  # type: ignore[attr-defined]
    with pytest.raises(TableError, match="no product in common"):
        compare(a, load_economy("island"))


def test_multipliers_are_those_of_leontief() -> None:
    economy = load_economy("us-2019")
    found = output_multipliers(economy)
    assert found is not None
    np.testing.assert_allclose(found[1], multipliers(flows_of(economy), "total").output, rtol=1e-9)


def test_the_picture_adds_up() -> None:
    economy = load_economy("us-2019")
    found = picture(economy)
    json.dumps(found, allow_nan=False)
    t = found["totals"]
    supply = t["output"] + t["imports"]
    uses = sum(t[k] for k in ("intermediate_use", "needs", "investment", "committed_demand", "exports"))
    assert supply == pytest.approx(uses)
    # the block shows all of intermediate use, the smaller sectors together
    assert sum(map(sum, found["block"]["values"])) == pytest.approx(t["intermediate_use"])
    # the largest flow between sectors in the United States of 2019: crude oil to refineries
    assert (found["flows"][0]["from"], found["flows"][0]["to"]) == ("211", "324")
    i, j = economy.codes("product").index("211"), economy.codes("activity").index("324")
    assert found["flows"][0]["value"] == pytest.approx(economy.values("use")[i, j] * economy.values("output")[j])


def test_a_sector_lists_all_its_neighbours() -> None:
    economy = load_economy("us-2019")
    found = sector(economy, "324")
    j = economy.codes("activity").index("324")
    inputs = (economy.values("use")[:, j] * economy.values("output")[j]).sum()
    assert sum(s["value"] for s in found["suppliers"]) == pytest.approx(inputs)
    assert found["suppliers"][0]["product"] == "211"
    assert sum(s["share"] for s in found["customers"]) == pytest.approx(1)
    with pytest.raises(TableError, match="no sector"):
        sector(economy, "3244")


def test_physical_accounts_have_a_picture_without_sums() -> None:
    found = picture(load_economy("island"))
    assert found["totals"] == {} and found["flows"][0]["unit"] == "tonnes"
    assert sector(load_economy("island"), "workshops")["suppliers"][0]["share"] is None  # units that do not add up


def test_there_is_no_picture_without_output(tmp_path: Path) -> None:
    economy = load_economy("island")
    bare = economy.with_data(output=None)
    with pytest.raises(TableError, match="no base output"):
        picture(bare)
