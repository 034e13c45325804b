"""What holds of every count: anonymity, neutrality, however papers are grouped, and not a vote lost unrecorded."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.congress.voting.recount import scottish
from tests.congress.voting.short import figures

from lustrum.congress.voting import METHODS, YES_NO, Ballots, Count, Paper, count
from lustrum.congress.voting.stv import MEEK_UNIT

pytestmark = pytest.mark.slow

_RANKED = ("irv", "scottish-stv", "meek-stv", "schulze")
_LISTS = ("dhondt", "sainte-lague", "hamilton")
_OPTIONS = tuple("abcdef")


def _papers(method: str) -> st.SearchStrategy[Paper]:
    options = YES_NO if method == "yes-no" else _OPTIONS
    if method in _RANKED:
        return st.lists(st.sampled_from(options), unique=True, min_size=1).map(lambda r: tuple((o,) for o in r))
    most = 1 if method in ("yes-no", "plurality", *_LISTS) else 2 if method == "block-approval" else len(options)
    marks = st.lists(st.sampled_from(options), unique=True, min_size=1, max_size=most)
    return marks.map(lambda m: (tuple(sorted(m)),))


def _ballots(method: str, most: int = 12) -> st.SearchStrategy[Ballots]:
    options = YES_NO if method == "yes-no" else _OPTIONS
    papers = st.lists(st.tuples(_papers(method), st.integers(1, 7)), min_size=1, max_size=most)
    return papers.map(lambda given: Ballots(options, tuple(given)))


def _seats(method: str) -> int:
    return {"irv": 1, "yes-no": 1, "plurality": 1, "approval": 1}.get(method, 2)


def _core(counted: Count) -> Any:
    """Return all a count says, but for the order in which equals are listed."""
    return {**counted.document(), "facts": None}


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data(), seed=st.sampled_from([None, "published"]))
def test_anonymity_the_order_of_papers_and_their_grouping_change_nothing(
    method: str, data: st.DataObject, seed: str | None
) -> None:
    ballots = data.draw(_ballots(method))
    counted = count(method, ballots, seats=_seats(method), seed=seed)
    single = [(paper, 1) for paper, weight in ballots.papers for _ in range(weight)]
    shuffled = Ballots(ballots.options, tuple(data.draw(st.permutations(single))))
    assert count(method, shuffled, seats=_seats(method), seed=seed).document() == counted.document()
    assert count(method, ballots.grouped(), seats=_seats(method), seed=seed).document() == counted.document()


@pytest.mark.parametrize("method", [name for name in METHODS if name != "yes-no"])
@given(data=st.data())
def test_neutrality_other_names_get_the_same_result(method: str, data: st.DataObject) -> None:
    """Names and their order on the paper decide nothing; lots, which go by name, stand apart and are left out."""
    ballots = data.draw(_ballots(method))
    new = dict(zip(_OPTIONS, data.draw(st.permutations(["p", "q", "r", "s", "t", "u"])), strict=True))
    options = tuple(data.draw(st.permutations([new[o] for o in ballots.options])))
    papers = tuple(
        (tuple(tuple(sorted(new[o] for o in tier)) for tier in paper), weight) for paper, weight in ballots.papers
    )
    counted = count(method, ballots, seats=_seats(method))
    renamed = count(method, Ballots(options, papers), seats=_seats(method))
    assert {new[o] for o in counted.elected} == set(renamed.elected)
    assert {new[o]: n for o, n in counted.awarded.items()} == renamed.awarded
    assert [({new[o] for o in tie.options}, tie.places, tie.purpose) for tie in counted.ties] == [
        (set(tie.options), tie.places, tie.purpose) for tie in renamed.ties
    ]
    assert [{new[o]: v for o, v in figures(stage, counted).items()} for stage in counted.stages[-1:]] == [
        figures(stage, renamed) for stage in renamed.stages[-1:]
    ]


@pytest.mark.parametrize("method", ["irv", "scottish-stv", "meek-stv"])
@given(data=st.data(), seats=st.integers(1, 4))
def test_every_vote_is_with_someone_or_exhausted_or_recorded_as_lost(
    method: str, data: st.DataObject, seats: int
) -> None:
    ballots = data.draw(_ballots(method))
    counted = count(method, ballots, seats=1 if method == "irv" else seats, seed="published")
    papers = counted.valid
    assert papers + sum(counted.invalid.values()) == ballots.weight
    for stage in counted.stages:
        assert sum(stage.votes) + stage.exhausted + stage.lost == papers
        assert min(*stage.votes, stage.exhausted, stage.lost) >= 0
    # A transfer drops less than 0.00001 a paper, and at most one surplus a seat is transferred.
    assert counted.stages[-1].lost < Fraction(papers * counted.seats, 10**5)
    assert len(counted.elected) == min(counted.seats, len(counted.options))
    assert len(set(counted.elected)) == len(counted.elected)


@given(data=st.data(), seats=st.integers(1, 4))
def test_whole_numbers_count_scottish_papers_as_fractions_would(data: st.DataObject, seats: int) -> None:
    ballots = data.draw(_ballots("scottish-stv"))
    counted = count("scottish-stv", ballots, seats=seats, seed="published")
    elected, stages = scottish(ballots, seats, [lot.drawn for lot in counted.lots])
    assert list(counted.elected) == elected
    assert [figures(stage, counted) for stage in counted.stages] == stages


@given(data=st.data(), seats=st.integers(1, 4))
def test_whole_numbers_share_meek_papers_out_as_fractions_would(data: st.DataObject, seats: int) -> None:
    """The last distribution, made again in exact fractions, differs by no more than a unit a paper and candidate."""
    ballots = data.draw(_ballots("meek-stv"))
    counted = count("meek-stv", ballots, seats=seats, seed="published")
    gone = {option for stage in counted.stages for option in stage.excluded}
    if counted.stages[-1].excluded:
        gone -= set(counted.stages[-1].excluded)
    keep = {option: Fraction(counted.facts["keep"].get(option, MEEK_UNIT), MEEK_UNIT) for option in counted.options}
    votes = dict.fromkeys(counted.options, Fraction(0))
    for paper, weight in ballots.papers:
        left = Fraction(1)
        for (option,) in paper:
            if option not in gone:
                votes[option] += left * keep[option] * weight
                left *= 1 - keep[option]
    found = figures(counted.stages[-1], counted)
    for option in counted.options:
        assert abs(found[option] - votes[option]) <= Fraction(ballots.weight * len(_OPTIONS), MEEK_UNIT)


@given(data=st.data())
def test_irv_is_scottish_stv_for_one_seat_where_no_tie_is_met(data: st.DataObject) -> None:
    """With one seat the Scottish quota is more than half of all papers; both go on to the same winner."""
    ballots = data.draw(_ballots("irv"))
    one, other = count("irv", ballots), count("scottish-stv", ballots)
    noted = any(stage.notes for stage in (*one.stages, *other.stages))
    if one.complete and other.complete and not noted:
        assert one.elected == other.elected


@pytest.mark.parametrize("method", _LISTS)
@given(votes=st.lists(st.integers(0, 500), min_size=2, max_size=6).filter(any), seats=st.integers(1, 30))
def test_lists_get_all_seats_in_proportion(method: str, votes: list[int], seats: int) -> None:
    papers = tuple((((_OPTIONS[k],),), v) for k, v in enumerate(votes) if v)
    counted = count(method, Ballots(_OPTIONS[: len(votes)], papers), seats=seats, seed="published")
    won = list(counted.awarded.values())
    assert sum(won) == seats == len(counted.elected)
    quotas = [Fraction(v * seats, sum(votes)) for v in votes]
    if method == "hamilton":
        assert all(math.floor(q) <= n <= math.ceil(q) for q, n in zip(quotas, won, strict=True))
    if method == "dhondt":
        assert all(n >= math.floor(q) for q, n in zip(quotas, won, strict=True))
    # More votes never mean fewer seats.
    assert all(a >= b for v, a in zip(votes, won, strict=True) for w, b in zip(votes, won, strict=True) if v > w)


@given(data=st.data())
def test_schulze_elects_whoever_beats_all_others(data: st.DataObject) -> None:
    counted = count("schulze", data.draw(_ballots("schulze")))
    support = counted.facts["pairwise"]
    size = range(len(_OPTIONS))
    for a in size:
        if all(support[a][b] > support[b][a] for b in size if b != a):
            assert counted.elected == (_OPTIONS[a],)


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_a_count_is_a_document_of_whole_numbers_and_text(method: str, data: st.DataObject) -> None:
    counted = count(method, data.draw(_ballots(method)), seats=_seats(method), seed="published")

    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                check(item)
        else:
            assert isinstance(value, (int, str))

    check(counted.document())
    assert json.loads(json.dumps(counted.document())) == counted.document()
    table = counted.table()
    assert len(table) == len(counted.stages) + 1
    assert {len(row) for row in table} == {len(table[0])}
    assert all(isinstance(cell, str) for row in table for cell in row)
