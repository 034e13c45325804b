"""Meek STV: Algorithm 123, in the fixed precision of the reference rule, on published counts."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tests.congress.voting.short import ballots, figures, seed_that

from lustrum.congress.voting import count


def _close(found: Iterable[Fraction | None], published: list[str]) -> bool:
    """Return whether figures are those published, to seven decimals."""
    pairs = zip(found, published, strict=True)
    return all(have is not None and abs(have - Fraction(want)) < Fraction(1, 10**7) for have, want in pairs)


def test_a_candidate_everyone_passes_on_to() -> None:
    """I. D. Hill, "Meek style STV - a simple introduction", Voting matters 7 (1996), example 1."""
    counted = count("meek-stv", ballots("abcd", "2 abc; 2 abd; 1 bc"), seats=3)
    assert set(counted.elected) == {"a", "b", "c"}
    assert counted.complete


def test_castor_helen_and_pollux() -> None:
    """Droop's reference counts of 513.blt and 42t.blt by the reference rule (github.com/jklundell/droop, test/ref)."""
    counted = count("meek-stv", ballots("cph", "5 cp; 1 p; 3 h"), seats=2)
    assert counted.stages[0].quota == Fraction("3.000000001")
    assert figures(counted.stages[1], counted) == {
        "c": Fraction("3.000000005"),
        "p": Fraction("2.999999995"),
        "h": Fraction("3"),
    }
    assert counted.stages[1].excluded == ("p",)
    assert counted.elected == ("c", "h")
    assert counted.facts["keep"]["c"] == 600000001

    counted = count("meek-stv", ballots("cph", "4 cp; 2 h"), seats=2)
    assert figures(counted.stages[1], counted)["c"] == Fraction("2.000000004")
    assert figures(counted.stages[1], counted)["p"] == Fraction("1.999999996")
    assert counted.facts["keep"]["c"] == 500000001


def test_accuracy_of_the_voting_matters_example() -> None:
    """B. A. Wichmann, "The computational accuracy using the Meek algorithm", Voting matters 12 (2000).

    The figures are Droop's reference count (SC-Vm-12.blt).
    """
    papers = ballots(
        "abxyz", "333 ax; 333 ay; 333 az; 333 bx; 333 by; 333 bz; 667 x; 667 y; 667 z; 1 abx; 1 aby; 2 bax"
    )
    counted = count("meek-stv", papers, seats=3, seed=seed_that("x", "xyz"))
    assert counted.stages[0].quota == Fraction("1000.750000001")
    assert counted.stages[0].elected == ("a", "b")
    assert [str(votes) for votes in counted.document()["stages"][1]["votes"]] == [
        "1000.750000126",
        "1000.750000126",
        "667.166666686",
        "667.166666562",
        "667.166666500",
    ]
    assert counted.lots[0].drawn == ("x",)
    assert counted.document()["stages"][2]["votes"] == [
        "800.584418564",
        "800.584418564",
        "0.000000000",
        "800.596982770",
        "800.556768208",
    ]
    assert counted.stages[2].quota == Fraction("800.580647027")
    assert counted.stages[2].exhausted == Fraction("800.677411894")
    assert counted.elected == ("a", "b", "y")


def test_the_vegetables() -> None:
    """The transcript of vegetables.blt (github.com/gendx/stv-rs, testdata/meek), bananas and figs withdrawn.

    It rounds products at another place than the reference rule, so the last two digits may differ.
    """
    papers = ballots("acdeghj", "1 a; 2 c; 3 cd; 4 de; 5 e; 6 g; 7 gh; 8 hj; 9 ja")
    counted = count("meek-stv", papers, seats=4)
    stages = counted.document()["stages"]
    assert [stage["elected"] for stage in stages] == [["g"], ["h", "j"], [], [], ["e"]]
    assert [stage["excluded"] for stage in stages] == [[], [], ["a"], ["d"], []]
    quotas = ["9.000000001", "8.630769232", "8.416270386", "7.000000429", "7.000000429"]
    exhausted = ["0", "1.846153842", "2.918648071", "9.999997859", "9.999997859"]
    third = ["2.832540310", "5", "4", "5", "8.416270460", "8.416270517", "8.416270642"]
    assert _close([stage.quota for stage in counted.stages], quotas)
    assert _close([stage.exhausted for stage in counted.stages], exhausted)
    assert _close(counted.stages[2].votes, third)
    assert not counted.lots


def test_nothing_is_lost_because_what_is_kept_is_rounded_up() -> None:
    counted = count("meek-stv", ballots("abcde", "7 abc; 5 bca; 4 cde; 3 dab; 2 ed"), seats=3)
    for stage in counted.stages:
        assert sum(stage.votes) + stage.exhausted == 21
        assert stage.lost == 0


def test_the_elected_of_a_finished_round_hold_the_quota_within_a_millionth() -> None:
    papers = ballots("abcdef", "20 abcf; 9 bcd; 7 cdea; 6 de; 5 ef; 3 fab")
    counted = count("meek-stv", papers, seats=3)
    elected: set[str] = set()
    for stage in counted.stages:
        if stage.excluded and elected:
            votes = figures(stage, counted)
            assert stage.quota is not None
            assert sum(votes[option] - stage.quota for option in elected) < Fraction(1, 10**6)
            assert all(abs(votes[option] - stage.quota) < Fraction(2, 10**6) for option in elected)
        elected |= set(stage.elected)
    assert len(counted.elected) == 3
