"""Constraints on who is elected together: doomed candidates leave at once, guarded ones stay."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.congress.voting.short import ballots

from lustrum.congress.voting import Ballots, count
from lustrum.congress.voting.constraints import Constraints
from lustrum.errors import BadInput

_OPTIONS = tuple("abcdef")


@st.composite
def _given_constraints(draw: st.DrawFn) -> list[dict[str, Any]]:
    out = []
    for number in range(draw(st.integers(0, 3))):
        members = draw(st.lists(st.sampled_from(_OPTIONS), unique=True, min_size=1))
        low = draw(st.integers(0, 2))
        out.append({"name": str(number), "members": members, "at_least": low, "at_most": draw(st.integers(low, 3))})
    return out


def _conforming(seats: int, constraints: list[dict[str, Any]]) -> list[set[str]]:
    """Return every set that conforms, by trying them all."""
    return [
        set(chosen)
        for chosen in combinations(_OPTIONS, seats)
        if all(c["at_least"] <= len(set(chosen) & set(c["members"])) <= c["at_most"] for c in constraints)
    ]


@given(_given_constraints(), st.integers(1, 4), st.data())
def test_doomed_and_guarded_are_those_a_list_of_all_sets_shows(
    constraints: list[dict[str, Any]], seats: int, data: st.DataObject
) -> None:
    sets = _conforming(seats, constraints)
    if not sets:
        with pytest.raises(BadInput, match="no set of candidates satisfies"):
            Constraints(_OPTIONS, seats, constraints)
        return
    asked = Constraints(_OPTIONS, seats, constraints)
    target = data.draw(st.sampled_from(sets))
    elected = data.draw(st.lists(st.sampled_from(sorted(target)), unique=True))
    gone = data.draw(st.lists(st.sampled_from(_OPTIONS), unique=True).map(lambda g: set(g) - target))
    continuing = [c for c in _OPTIONS if c not in elected and c not in gone]
    left = [s for s in sets if s.issuperset(elected) and not s & gone]
    places = [_OPTIONS.index(c) for c in elected]
    rest = [_OPTIONS.index(c) for c in continuing]
    if not constraints:
        assert asked.doomed(places, rest) == asked.guarded(places, rest) == []
        return
    assert {_OPTIONS[c] for c in asked.doomed(places, rest)} == {c for c in continuing if not any(c in s for s in left)}
    assert {_OPTIONS[c] for c in asked.guarded(places, rest)} == {c for c in continuing if all(c in s for s in left)}


@pytest.mark.parametrize("method", ["scottish-stv", "meek-stv", "plurality", "approval"])
@given(data=st.data(), constraints=_given_constraints(), seats=st.integers(1, 4))
def test_the_elected_keep_every_constraint(
    method: str, data: st.DataObject, constraints: list[dict[str, Any]], seats: int
) -> None:
    sets = _conforming(seats, constraints)
    assume(sets)
    ranking = st.lists(st.sampled_from(_OPTIONS), unique=True, min_size=1)
    papers = data.draw(st.lists(st.tuples(ranking, st.integers(1, 5)), min_size=1, max_size=8))
    marks = {"plurality": lambda r: ((r[0],),), "approval": lambda r: (tuple(sorted(r)),)}
    shape = marks.get(method, lambda r: tuple((o,) for o in r))
    given_ballots = Ballots(_OPTIONS, tuple((shape(r), w) for r, w in papers))
    counted = count(method, given_ballots, seats=seats, seed="published", rules={"constraints": constraints})
    assert set(counted.elected) in sets
    assert len(counted.elected) == seats


@pytest.mark.parametrize("method", ["scottish-stv", "meek-stv"])
def test_a_constraint_that_never_binds_changes_nothing(method: str) -> None:
    papers = ballots("abcde", "9 abc; 7 bca; 5 cde; 4 dea; 2 e")
    rules = {"constraints": [{"name": "all", "members": list("abcde"), "at_least": 3}]}
    plain, held = count(method, papers, seats=3), count(method, papers, seats=3, rules=rules)
    assert plain.document() == held.document()


@pytest.mark.parametrize("method", ["scottish-stv", "meek-stv"])
def test_when_a_group_is_full_its_others_leave_at_once(method: str) -> None:
    papers = ballots("abcd", "20 abcd; 9 b; 4 c; 3 d")
    rules = {"constraints": [{"name": "north", "members": ["a", "b"], "at_most": 1}]}
    counted = count(method, papers, seats=2, rules=rules)
    assert set(counted.elected) == {"a", "c"}
    assert counted.stages[1].excluded == ("b",)
    assert "could not be elected within the constraints" in counted.stages[1].action
    assert set(count(method, papers, seats=2).elected) == {"a", "b"}


@pytest.mark.parametrize("method", ["scottish-stv", "meek-stv"])
def test_the_last_of_a_group_that_must_be_elected_is_guarded(method: str) -> None:
    papers = ballots("abcd", "20 abc; 9 bc; 6 cb; 1 d")
    rules = {"constraints": [{"name": "youth", "members": ["d"], "at_least": 1}]}
    counted = count(method, papers, seats=2, rules=rules)
    assert set(counted.elected) == {"a", "d"}
    assert "d" not in [option for stage in counted.stages for option in stage.excluded]


@pytest.mark.parametrize("method", ["scottish-stv", "meek-stv"])
def test_a_tie_for_the_one_place_of_a_group_stops_the_count_where_it_is(method: str) -> None:
    papers = ballots("abcd", "9 ac; 9 bd; 2 c; 1 d")
    rules = {"constraints": [{"name": "north", "members": ["a", "b"], "at_most": 1}]}
    counted = count(method, papers, seats=2, rules=rules)
    assert [(tie.options, tie.places, tie.purpose) for tie in counted.ties] == [(("a", "b"), 1, "election")]
    assert counted.elected == () and len(counted.stages) == 1
    drawn = count(method, papers, seats=2, rules=rules, seed="published")
    assert len(drawn.elected) == 2 and len({"a", "b"} & set(drawn.elected)) == 1
