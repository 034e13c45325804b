"""Schulze's own examples: M. Schulze, "The Schulze method of voting", arXiv:1804.02973, section 3, examples 1 to 10."""

from __future__ import annotations

import pytest
from tests.congress.voting.short import ballots

from lustrum.congress.voting import count
from lustrum.congress.voting.schulze import strongest_paths

#: Example -> options, ballots, the potential winners, and the strengths of the strongest paths, row by row.
EXAMPLES = {
    "1": ("abcd", "8 acdb; 2 badc; 4 cdba; 4 dbac; 3 dcba", "d", "14 14 12 13 13 12 13 15 12 13 19 13"),
    "2": ("abcd", "3 acdb; 9 bacd; 8 cdab; 5 dabc; 5 dbca", "c", "17 17 17 18 19 19 18 20 20 18 21 19"),
    "3": (
        "abcde",
        "5 acbed; 5 adecb; 8 bedac; 3 cabed; 7 caebd; 2 cbade; 7 dceba; 8 ebadc",
        "e",
        "28 28 30 24 25 28 33 24 25 29 29 24 25 28 28 24 25 28 28 31",
    ),
    "4": ("abcd", "3 abcd; 2 cbda; 2 dabc; 2 dbca", "bd", "5 5 5 5 7 5 5 5 5 6 5 5"),
    "5": ("abcd", "12 abcd; 6 adbc; 9 bcda; 15 cdab; 21 dbac", "d", "36 39 36 36 48 36 36 36 36 45 42 42"),
    "6": (
        "abcd",
        "8 acdb; 2 bcda; 3 bdac; 5 cbda; 1 cdba; 3 dabc; 1 dbac",
        "ac",
        "14 15 15 12 12 12 15 14 16 15 14 15",
    ),
    "7, situation 1": ("abcdef", "3 adebcf; 3 bfecda; 4 cabfde; 1 dbcefa; 4 defabc; 2 ecbdfa; 2 facdbe", "a", ""),
    "7, situation 2": (
        "abcdef",
        "3 adebcf; 3 bfecda; 4 cabfde; 1 dbcefa; 4 defabc; 2 ecbdfa; 2 facdbe; 2 aefcbd",
        "d",
        "",
    ),
    "8, situation 1": (
        "abcd",
        "3 abdc; 5 adbc; 1 adcb; 2 badc; 2 bdca; 4 cabd; 6 cbad; 2 dbca; 5 dcab",
        "a",
        "18 20 21 17 17 17 19 18 19 19 18 20",
    ),
    "8, situation 2": (
        "abcde",
        "3 abdec; 5 adebc; 1 adecb; 2 badec; 2 bdeca; 4 cabde; 6 cbade; 2 dbeca; 5 decab",
        "b",
        "18 20 21 21 19 19 19 19 19 18 19 19 19 18 20 30 19 18 20 19",
    ),
    "9, situation 1": ("abcd", "5 acdb; 2 bcda; 4 bdac; 2 cdab", "a", ""),
    "9, situation 2": ("abcde", "5 aecdb; 2 bcdae; 4 bdaec; 2 cdabe", "b", ""),
    "10": (
        "abcd",
        "6 abcd; 8 (ab); 8 (ac); 18 (ac)d; 8 (acd); 40 b; 4 cbd; 9 cda; 8 (cd); 14 dab; 11 dbc; 4 dca",
        "d",
        "67 67 45 45 79 45 45 45 45 50 72 72",
    ),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_winners_of_the_paper(example: str) -> None:
    options, papers, winners, paths = EXAMPLES[example]
    counted = count("schulze", ballots(options, papers))
    if len(winners) == 1:
        assert counted.elected == (winners,)
        assert counted.complete
    else:
        assert counted.elected == ()
        assert [(tie.options, tie.places, tie.purpose) for tie in counted.ties] == [(tuple(winners), 1, "election")]
        assert counted.reballot == tuple(winners)
    if paths:
        size = range(len(options))
        found = [counted.facts["paths"][a][b] for a in size for b in size if a != b]
        assert found == [int(strength) for strength in paths.split()]


def test_the_order_of_example_3() -> None:
    options, papers, *_ = EXAMPLES["3"]
    counted = count("schulze", ballots(options, papers), seats=2)
    assert counted.ranking == (("e",), ("a",), ("c",), ("b",), ("d",))
    assert counted.facts["ranking_complete"]
    assert counted.elected == ("e", "a")


def test_an_order_that_leaves_pairs_open_says_so() -> None:
    """Example 4: b comes before c and d before a, and nothing is said of the other pairs."""
    options, papers, *_ = EXAMPLES["4"]
    counted = count("schulze", ballots(options, papers), seats=2)
    assert counted.ranking == (("b", "d"), ("a", "c"))
    assert not counted.facts["ranking_complete"]
    # d, a may both come before b: nobody is sure of two seats, and whoever has only one before them may get one.
    assert counted.elected == ()
    assert [(tie.options, tie.places) for tie in counted.ties] == [(("a", "b", "c", "d"), 2)]


def test_a_lot_fills_the_seats_an_order_leaves_open() -> None:
    options, papers, *_ = EXAMPLES["4"]
    counted = count("schulze", ballots(options, papers), seats=1, seed="drum")
    assert counted.complete and counted.lots[0].drawn == counted.elected
    assert set(counted.elected) < set("bd")
    two = count("schulze", ballots(options, papers), seats=2, seed="drum")
    assert set(two.elected) == set("bd")


def test_equal_support_is_weaker_the_more_are_against() -> None:
    """Section 2.1: of two wins with 10 votes, 10 to 3 is stronger than 10 to 4."""
    paths = strongest_paths([[0, 10, 3], [4, 0, 10], [10, 3, 0]])
    assert paths[1][0] == (10, -3)
    assert paths[0][1] == (10, -4)
    assert paths[1][0] > paths[0][1]


def test_rankings_may_leave_ranks_out_and_options_too() -> None:
    counted = count("schulze", ballots("abc", "2 a--b; 1 c"))
    assert counted.facts["pairwise"] == [[0, 2, 2], [0, 0, 2], [1, 1, 0]]
    assert counted.elected == ("a",)
