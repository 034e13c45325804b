"""Scottish STV: the Scottish Local Government Elections Order 2007, rules 45 to 52, on published counts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from tests.congress.voting.short import ballots, figures, seed_that

from lustrum.congress.voting import Ballots, Count, count, read_blt

#: Greater Pollok, Glasgow, 2007, as published: the first two stages in full, then what the last one decides.
_STAGE_1 = [591, 393, 2173, 1637, 1180, 549, 1296, 233, 630]
_STAGE_2 = [
    "637.54848",
    "431.32224",
    "1737",
    "1680.94016",
    "1201.26784",
    "572.67552",
    "1313.0544",
    "275.33504",
    "693.80352",
]


@pytest.fixture
def ward(test_data: Path) -> tuple[Ballots, Count]:
    text = (test_data / "scottish_ward" / "glasgow_2007_greater_pollok.blt").read_text(encoding="utf-8")
    file = read_blt(text)
    assert file.seats == 4
    return file.ballots, count("scottish-stv", file.ballots, seats=file.seats)


def test_the_ward_is_counted_as_published(ward: tuple[Ballots, Count]) -> None:
    _, counted = ward
    assert (counted.valid, counted.invalid, counted.truncated) == (8682, {}, {})
    assert {stage.quota for stage in counted.stages} == {1737}
    assert list(counted.stages[0].votes) == _STAGE_1
    assert list(counted.stages[1].votes) == [Fraction(votes) for votes in _STAGE_2]
    name = dict(enumerate(counted.options, 1))
    assert [(s.number, s.elected) for s in counted.stages if s.elected] == [
        (1, (name[3],)),
        (4, (name[4],)),
        (8, (name[5], name[7])),
    ]
    last = figures(counted.stages[-1], counted)
    assert (last[name[5]], last[name[7]]) == (Fraction("1725.84237"), Fraction("1690.8628"))
    assert len(counted.stages) == 8
    assert counted.complete and not counted.lots


def test_no_vote_of_the_ward_is_lost_but_by_recorded_fractions(ward: tuple[Ballots, Count]) -> None:
    _, counted = ward
    for stage in counted.stages:
        assert sum(stage.votes) + stage.exhausted + stage.lost == 8682
    # Two surpluses were transferred; each loses less than 0.00001 a paper.
    assert counted.stages[-1].lost == Fraction("0.01579")


def test_the_table_of_the_ward_reads_like_its_result_sheet(ward: tuple[Ballots, Count]) -> None:
    _, counted = ward
    table, names = counted.table(), counted.options
    assert names[2] == "Patricia Duffy (SNP)"  # the file has the names in comments
    assert table[0] == ["stage", "action", *names, "not transferable", "lost by fraction", "quota", "outcome"]
    assert table[2][:5] == [
        "2",
        "surplus of Patricia Duffy (SNP) transferred",
        "637.54848 (+46.54848)",
        "431.32224 (+38.32224)",
        "1737.00000 (-436.00000)",
    ]
    assert table[8][-1] == f"elected: {names[4]}, {names[6]}; excluded: {names[8]}"


def test_castor_and_helen() -> None:
    """Droop's reference count of 513.blt by the Scottish rules (github.com/jklundell/droop, test/ref)."""
    counted = count("scottish-stv", ballots("cph", "5 cp; 1 p; 3 h"), seats=2)
    assert [tuple(map(int, stage.votes)) for stage in counted.stages] == [(5, 1, 3), (4, 2, 3), (4, 0, 3)]
    assert counted.stages[-1].exhausted == 2
    assert counted.elected == ("c", "h")


def test_three_level_from_the_first_stage_on_need_a_lot() -> None:
    """Droop's reference count of SC-Vm-12.blt: A and B have the quota, X, Y and Z stay level and leave by lot."""
    papers = ballots(
        "abxyz", "333 ax; 333 ay; 333 az; 333 bx; 333 by; 333 bz; 667 x; 667 y; 667 z; 1 abx; 1 aby; 2 bax"
    )
    open_count = count("scottish-stv", papers, seats=3)
    assert open_count.elected == ("a", "b")
    assert [(tie.options, tie.places, tie.purpose) for tie in open_count.ties] == [(("x", "y", "z"), 1, "exclusion")]
    assert not open_count.complete

    counted = count("scottish-stv", papers, seats=3, seed=seed_that("x", "xyz"))
    assert [lot.purpose for lot in counted.lots] == ["exclusion", "exclusion"]
    assert counted.lots[0].drawn == ("x",)
    assert counted.stages[1].exhausted == 667
    assert counted.complete and len(counted.elected) == 3


def test_a_tie_is_broken_by_the_most_recent_stage_that_differs() -> None:
    """Rule 51: b and c are level after d left; at the stage before, c had fewer."""
    counted = count("scottish-stv", ballots("abcd", "9 a; 6 b; 5 c; 1 dc; 3 ea".replace("; 3 ea", "")), seats=1)
    assert [stage.excluded for stage in counted.stages] == [(), ("d",), ("c",), ("b",)]
    assert "an earlier stage points to c" in counted.stages[2].notes[0]
    assert not counted.lots


def test_the_larger_surplus_moves_first_and_equal_ones_look_back() -> None:
    """Rule 49: of two surpluses that are equal and always were, a lot says which moves first."""
    papers = ballots("abcde", "40 ac; 40 bd; 10 c; 9 d; 6 e")
    open_count = count("scottish-stv", papers, seats=3)
    assert [(tie.options, tie.purpose) for tie in open_count.ties] == [(("a", "b"), "surplus")]
    counted = count("scottish-stv", papers, seats=3, seed="published on the notice board")
    assert counted.lots[0].purpose == "surplus"
    first = counted.lots[0].drawn[0]
    assert counted.stages[1].action == f"surplus of {first} transferred"


def test_all_are_elected_where_seats_are_as_many_as_candidates() -> None:
    counted = count("scottish-stv", ballots("ab", "3 a; 1 b"), seats=2)
    assert counted.elected == ("a", "b")
    assert count("scottish-stv", ballots("ab", "3 a; 1 b"), seats=3).elected == ("a", "b")


def test_a_paper_counts_up_to_its_first_fault_as_the_order_has_it() -> None:
    faulty = ballots("abc", "4 ab; 2 a-c; 1 b(ac); 1 aab; 1 -a; 3 c")
    counted = count("scottish-stv", faulty, seats=1)
    assert counted.invalid == {"skipped_rank": 1}
    assert counted.truncated == {"equal_rank": 1, "repeated_option": 1, "skipped_rank": 2}
    assert figures(counted.stages[0], counted) == {"a": 7, "b": 1, "c": 3}
    strict = count("scottish-stv", faulty, seats=1, rules={"invalid": "reject"})
    assert (strict.valid, sum(strict.invalid.values())) == (7, 5)
