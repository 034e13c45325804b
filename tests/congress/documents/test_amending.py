"""Order of voting: amendments to amendments, then by unit the furthest-reaching first."""

from __future__ import annotations

import pytest

from lustrum.congress.documents import (
    DocumentError,
    Proposal,
    Unit,
    Version,
    apply,
    as_markdown,
    as_text,
    delete,
    draft_of,
    incompatible,
    insert,
    moot,
    redline,
    replace_unit,
    set_number,
    voting_order,
)

PLAN = Version("plan", (Unit("a", "Pay rises by 3 %."), Unit("b", "Houses: 95, flats: 40."), Unit("c", "Stocks.")))
MILD = Proposal("mild", set_number(PLAN, "b", [0], 100), 1)
FAR = Proposal("far", replace_unit(PLAN, "b", "Houses: 150."), 9)
FLATS = Proposal("flats", set_number(PLAN, "b", [1], 50), 3)
PAY = Proposal("pay", delete(PLAN, "a"), 2)
MORE = Proposal("more", insert(PLAN, "a2", "Pensions rise by 2 %.", "a"), 5)
SOFTER = Proposal("softer", set_number(draft_of("far", FAR.operation), "text", [0], 130), 4, "far")
SOFTEST = Proposal("softest", set_number(draft_of("far", FAR.operation), "text", [0], 110), 2, "far")
EVERYONE = [MILD, FAR, FLATS, PAY, SOFTEST, MORE, SOFTER]


def test_amendments_are_voted_in_the_order_of_the_rules() -> None:
    order = voting_order(EVERYONE, PLAN)
    assert order == ["softer", "softest", "pay", "more", "far", "flats", "mild"]


def test_two_that_change_the_same_thing_exclude_each_other() -> None:
    pairs = {
        (a.id, b.id)
        for k, a in enumerate(EVERYONE)
        for b in EVERYONE[k + 1 :]
        if a.amends == b.amends and incompatible(a.operation, b.operation)
    }
    assert pairs == {("mild", "far"), ("far", "flats"), ("softest", "softer")}


def test_one_that_passes_makes_those_moot_that_cannot_be_done_with_it() -> None:
    assert set(moot(FAR, EVERYONE)) == {"mild", "flats"}
    assert set(moot(MILD, EVERYONE)) == {"far", "softer", "softest"}
    assert moot(MORE, EVERYONE) == {}
    assert set(moot(SOFTER, EVERYONE)) == {"softest"}


def test_an_amendment_to_an_amendment_cannot_be_amended() -> None:
    with pytest.raises(DocumentError, match="cannot itself be amended"):
        voting_order([FAR, SOFTER, Proposal("third", SOFTER.operation, 0, "softer")], PLAN)
    with pytest.raises(DocumentError, match="not there"):
        voting_order([SOFTER], PLAN)


def test_equal_reach_keeps_the_order_of_handing_in() -> None:
    twins = [Proposal(name, set_number(PLAN, "b", [0], 100 + k), 1) for k, name in enumerate(("z", "a", "m"))]
    assert voting_order(twins, PLAN) == ["z", "a", "m"]


def test_a_redline_shows_what_was_struck_and_what_was_put() -> None:
    new = apply(PLAN, MILD.operation)
    assert as_text(redline(PLAN, new)).plain == "b (changed)\nHouses: [-95-]{+100+}, flats: 40.\n"
    assert "- Houses: 95, flats: 40.\n+ Houses: 100, flats: 40.\n" in as_markdown(redline(PLAN, new))
    assert redline(PLAN, PLAN) == []


def test_a_redline_names_inserted_deleted_and_moved_units() -> None:
    new = Version("plan", (PLAN.units[2], PLAN.units[1], Unit("d", 5)))
    assert [(c.unit, c.kind) for c in redline(PLAN, new)] == [("a", "deleted"), ("c", "moved"), ("d", "inserted")] or [
        (c.unit, c.kind) for c in redline(PLAN, new)
    ] == [("a", "deleted"), ("b", "moved"), ("d", "inserted")]
