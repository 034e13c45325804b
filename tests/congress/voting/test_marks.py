"""Plurality, approval and block approval, majorities with re-ballots, and constraints on who is elected together."""

from __future__ import annotations

import pytest
from tests.congress.voting.short import ballots

from lustrum.congress.voting import Ballots, Paper, count
from lustrum.errors import BadInput


def test_an_approval_primary() -> None:
    """St. Louis, 2 March 2021: 44,571 ballots with 69,661 approvals; the first two go on (Board of Elections)."""
    published = {"a": 25388, "b": 20659, "c": 17186, "d": 6428}
    # How approvals fell together is not published; any papers with these sums give the same count.
    papers: list[tuple[Paper, int]] = [((("a", "c"),), 17186), ((("a", "b"),), 7904), ((("a",),), 298)]
    papers += [((("b",),), 12755), ((("d",),), 6428)]
    counted = count("approval", Ballots(tuple("abcd"), tuple(papers)), seats=2)
    assert counted.valid == 44571
    assert dict(zip("abcd", counted.stages[0].votes, strict=True)) == published
    assert counted.elected == ("a", "b")


def test_most_votes_win_one_seat_or_several() -> None:
    papers = ballots("abc", "5 a; 4 b; 3 c")
    assert count("plurality", papers).elected == ("a",)
    assert count("plurality", papers, seats=2).elected == ("a", "b")
    assert count("plurality", papers, seats=5).elected == ("a", "b", "c")


def test_a_tie_at_the_last_seat_is_for_a_reballot() -> None:
    counted = count("plurality", ballots("abcd", "5 a; 4 b; 4 c; 4 d"), seats=3)
    assert counted.elected == ("a",)
    assert [(tie.options, tie.places, tie.purpose) for tie in counted.ties] == [(("b", "c", "d"), 2, "election")]
    assert counted.reballot == ("b", "c", "d") and not counted.complete


def test_block_approval_takes_as_many_marks_as_seats() -> None:
    papers = ballots("abcd", "3 (ab); 2 (bc); 1 (abc); 2 d; 1 (dd)")
    counted = count("block-approval", papers, seats=2)
    assert counted.invalid == {"repeated_option": 1, "too_many": 1}
    assert counted.elected == ("b", "a")
    assert count("block-approval", papers, seats=2, rules={"max_choices": 3}).invalid == {"repeated_option": 1}


def test_blank_and_foreign_papers_are_set_aside_by_reason() -> None:
    papers = Ballots(("a", "b"), (((), 2), ((("x",),), 1), ((("a", "b"),), 3), ((("a",), ("b",)), 1), ((("a",),), 4)))
    counted = count("plurality", papers)
    assert counted.invalid == {"blank": 2, "too_many": 4, "unknown_option": 1}
    assert counted.valid == 4


@pytest.mark.parametrize(
    ("papers", "elected", "reballot"),
    [
        ("6 a; 5 b", ("a",), ()),
        ("5 a; 3 b; 2 c", (), ("a", "b")),  # half is not more than half
        ("4 a; 3 b; 3 c; 1 d", (), ("a", "b", "c")),  # all who are level with the second
    ],
)
def test_an_office_by_majority_goes_to_a_reballot(
    papers: str, elected: tuple[str, ...], reballot: tuple[str, ...]
) -> None:
    counted = count("plurality", ballots("abcd", papers), rules={"majority": {"num": 1, "den": 2}})
    assert (counted.elected, counted.reballot) == (elected, reballot)


def test_a_quota_for_a_group_passes_over_others() -> None:
    papers = ballots("abcde", "9 a; 8 b; 7 c; 2 d; 1 e")
    women = {"name": "women", "members": ["d", "e"], "at_least": 1}
    assert count("plurality", papers, seats=3).elected == ("a", "b", "c")
    assert count("plurality", papers, seats=3, rules={"constraints": [women]}).elected == ("a", "b", "d")


def test_incompatible_candidates_are_not_elected_together() -> None:
    papers = ballots("abc", "5 (ab); 4 (abc); 1 c")
    both = {"name": "one household", "members": ["a", "b"], "at_most": 1}
    counted = count("approval", papers, seats=2, rules={"constraints": [both]})
    assert [(tie.options, tie.places) for tie in counted.ties] == [(("a", "b"), 1)]
    drawn = count("approval", papers, seats=2, seed="s", rules={"constraints": [both]})
    assert len(drawn.elected) == 2 and "c" in drawn.elected


@pytest.mark.parametrize(
    ("method", "rules", "match"),
    [
        ("irv", {"constraints": []}, "does not know these rules"),
        ("schulze", {"constraints": []}, "does not know these rules"),
        ("plurality", {"invalid": "truncate"}, "policy for invalid papers"),
        ("plurality", {"majority": {"num": 3, "den": 2}}, "no fraction between 0 and 1"),
        ("plurality", {"majority": {"num": 1, "den": 2, "base": "cast"}}, "of the valid votes"),
        ("plurality", {"constraints": [{"name": "x", "members": ["z"]}]}, "not nominated"),
        ("plurality", {"constraints": [{"name": "x", "members": ["a"], "at_least": 2}]}, "bounds of a constraint"),
        ("plurality", {"constraints": [{"name": "x", "who": []}]}, "misshapen"),
        ("block-approval", {"max_choices": 0}, "no whole number"),
    ],
)
def test_rules_that_are_not_supported_are_refused(method: str, rules: dict[str, object], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        count(method, ballots("ab", "1 a"), rules=rules)


def test_constraints_and_a_majority_together_are_refused() -> None:
    rules = {"constraints": [{"name": "x", "members": ["a"]}], "majority": {"num": 1, "den": 2}}
    with pytest.raises(BadInput, match="constraints and a majority"):
        count("plurality", ballots("ab", "1 a"), rules=rules)


def test_constraints_nobody_can_satisfy_are_refused() -> None:
    rules = {
        "constraints": [
            {"name": "young", "members": ["a"], "at_least": 1, "at_most": 1},
            {"name": "new", "members": ["a", "b", "c"], "at_most": 0},
        ]
    }
    with pytest.raises(BadInput, match="no set of candidates satisfies"):
        count("scottish-stv", ballots("abc", "1 a"), seats=2, rules=rules)


@pytest.mark.parametrize("seats", [0, -1, True, 1.0, "2"])
def test_seats_are_a_whole_number(seats: object) -> None:
    with pytest.raises(BadInput, match="no whole number"):
        count("plurality", ballots("ab", "1 a"), seats=seats)  # type: ignore[arg-type]


def test_an_unknown_method_or_version_is_refused() -> None:
    for name in ("borda", "scottish-stv/2", ""):
        with pytest.raises(BadInput, match="not known"):
            count(name, ballots("ab", "1 a"))
    assert count("plurality/1", ballots("ab", "1 a")).method == "plurality/1"


def test_no_valid_paper_elects_nobody() -> None:
    counted = count("plurality", Ballots(("a", "b"), (((), 3),)))
    assert (counted.elected, counted.valid, counted.invalid) == ((), 0, {"blank": 3})
