"""Seats for lists and delegates for regions, on published allocations."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lustrum.congress.voting import Ballots, Count, count
from lustrum.errors import BadInput

#: Population that counted for apportionment by the tenth census of the United States, 1880: 49,371,340 in all
#: (M. L. Balinski and H. P. Young, Fair Representation, 2nd ed. 2001, appendix B).
CENSUS_1880 = {
    "Alabama": 1262505,
    "Arkansas": 802525,
    "California": 864694,
    "Colorado": 194327,
    "Connecticut": 622700,
    "Delaware": 146608,
    "Florida": 269493,
    "Georgia": 1542180,
    "Illinois": 3077871,
    "Indiana": 1978301,
    "Iowa": 1624615,
    "Kansas": 996096,
    "Kentucky": 1648690,
    "Louisiana": 939946,
    "Maine": 648936,
    "Maryland": 934943,
    "Massachusetts": 1783085,
    "Michigan": 1636937,
    "Minnesota": 780773,
    "Mississippi": 1131597,
    "Missouri": 2168380,
    "Nebraska": 452402,
    "Nevada": 62266,
    "New Hampshire": 346991,
    "New Jersey": 1131116,
    "New York": 5082871,
    "North Carolina": 1399750,
    "Ohio": 3198062,
    "Oregon": 174768,
    "Pennsylvania": 4282891,
    "Rhode Island": 276531,
    "South Carolina": 995577,
    "Tennessee": 1542359,
    "Texas": 1591749,
    "Vermont": 332286,
    "Virginia": 1512565,
    "West Virginia": 618457,
    "Wisconsin": 1315497,
}


def _seats(method: str, votes: dict[str, int], seats: int, **rules: object) -> Count:
    papers = tuple((((name,),), number) for name, number in votes.items() if number)
    return count(method, Ballots(tuple(votes), papers), seats=seats, rules=rules)


def test_the_alabama_paradox() -> None:
    """C. W. Seaton, chief clerk of the census, 1881: eight seats of 299 for Alabama, seven of 300.

    Quotas to three decimals: B. Cipra, "E pluribus confusion", American Scientist 98 (2010).
    """
    assert sum(CENSUS_1880.values()) == 49_371_340
    smaller = _seats("hamilton", CENSUS_1880, 299, at_least=1)
    larger = _seats("hamilton", CENSUS_1880, 300, at_least=1)
    assert (sum(smaller.awarded.values()), sum(larger.awarded.values())) == (299, 300)
    changed = {name for name in CENSUS_1880 if smaller.awarded[name] != larger.awarded[name]}
    assert changed == {"Alabama", "Illinois", "Texas"}
    assert [smaller.awarded[name] for name in ("Alabama", "Illinois", "Texas")] == [8, 18, 9]
    assert [larger.awarded[name] for name in ("Alabama", "Illinois", "Texas")] == [7, 19, 10]
    assert larger.awarded["Nevada"] == 1
    for counted, published in ((smaller, ("7.646", "18.640", "9.640")), (larger, ("7.671", "18.702", "9.672"))):
        quotas = dict(zip(counted.options, counted.stages[0].votes, strict=True))
        for name, figure in zip(("Alabama", "Illinois", "Texas"), published, strict=True):
            assert abs(quotas[name] - Fraction(figure)) < Fraction(1, 1999)


def test_the_three_methods_on_one_result() -> None:
    """6100, 5000 and 900 votes for ten seats (P. Honikel, Staatsrecht, examples of calculation)."""
    votes = {"A": 6100, "B": 5000, "C": 900}
    assert _seats("dhondt", votes, 10).awarded == {"A": 6, "B": 4, "C": 0}
    assert _seats("sainte-lague", votes, 10).awarded == {"A": 5, "B": 4, "C": 1}
    assert _seats("hamilton", votes, 10).awarded == {"A": 5, "B": 4, "C": 1}
    # In the order published: by d'Hondt, then by Sainte-Laguë.
    assert "".join(_seats("dhondt", votes, 10).elected) == "ABABABABAA"
    assert "".join(_seats("sainte-lague", votes, 10).elected) == "ABABABCABA"


def test_ministries_by_dhondt() -> None:
    """Ten ministries of the Northern Ireland Assembly, 1999, by its seats (Irish Times, November 1999)."""
    assembly = {"first": 28, "second": 24, "third": 20, "fourth": 18}
    assert list(_seats("dhondt", assembly, 10).awarded.values()) == [3, 3, 2, 2]


def test_a_parliament_by_sainte_lague() -> None:
    """New Zealand 2023, Electoral Commission, official results: 120 seats among the parties in parliament."""
    votes = {"a": 1085851, "b": 767540, "c": 330907, "d": 246473, "e": 173553, "f": 87844}
    assert list(_seats("sainte-lague", votes, 120).awarded.values()) == [48, 34, 15, 11, 8, 4]


def test_quotients_are_shown_as_fractions() -> None:
    counted = _seats("dhondt", {"a": 10, "b": 7}, 4)
    assert counted.table()[-1][1:4] == ["seat 4: highest average", "10/3 (-5/3)", "7/2"]
    assert counted.document()["stages"][-1]["votes"] == ["10/3", "7/2"]
    assert counted.elected == ("a", "b", "a", "b")


def test_equal_averages_go_to_the_list_with_more_votes_and_the_sheet_says_so() -> None:
    counted = _seats("dhondt", {"a": 60, "b": 30}, 2)
    assert counted.awarded == {"a": 2, "b": 0}
    assert counted.stages[-1].notes == ("tie of a, b: more votes decide",)


@pytest.mark.parametrize("method", ["dhondt", "sainte-lague", "hamilton"])
def test_equal_lists_contest_the_last_seat(method: str) -> None:
    votes = {"a": 50, "b": 50, "c": 10}
    counted = _seats(method, votes, 3)
    assert [(tie.options, tie.places) for tie in counted.ties] == [(("a", "b"), 1)]
    assert counted.awarded == {"a": 1, "b": 1, "c": 0}
    papers = Ballots(("a", "b", "c"), ((((("a",),)), 50), ((("b",),), 50), ((("c",),), 10)))
    drawn = count(method, papers, seats=3, seed="coin")
    assert sorted(drawn.awarded.values()) == [0, 1, 2] and drawn.complete
    assert drawn.lots[0].drawn == (drawn.elected[-1],)


def test_a_threshold_is_reached_from_it_on() -> None:
    votes = {"a": 900, "b": 50, "c": 49, "d": 1}
    counted = _seats("sainte-lague", votes, 20, threshold={"num": 1, "den": 20})
    assert counted.awarded == {"a": 19, "b": 1, "c": 0, "d": 0}
    assert counted.facts["below_threshold"] == ["c", "d"]


def test_least_seats_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInput, match="fewer seats than the least"):
        _seats("hamilton", {"a": 5, "b": 4}, 3, at_least=2)


def test_at_least_one_delegate_each_takes_from_the_remainders() -> None:
    votes = {"north": 460, "south": 440, "east": 95, "isle": 5}
    assert list(_seats("hamilton", votes, 11).awarded.values()) == [5, 5, 1, 0]
    assert list(_seats("hamilton", votes, 11, at_least=1).awarded.values()) == [5, 4, 1, 1]
    with pytest.raises(BadInput, match="more than the seats"):
        _seats("hamilton", {"north": 940, "south": 50, "isle": 10}, 11, at_least=1)
