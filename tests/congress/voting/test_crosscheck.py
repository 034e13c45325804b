"""Ten thousand random elections have the winners that pref_voting names, ties included.

Its answers are recorded by `tools/crosscheck_voting.py`, which also says whether they still are what pref_voting
answers; the library itself needs an older numpy than this package runs on. The digests hold the recorded answers to
these elections.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.congress.voting.elections import COMPARED, COMPARED_STV, AllLots, all_drawn, digest, seats_of

from lustrum.congress.voting import Ballots, count
from lustrum.congress.voting.result import Sheet
from lustrum.congress.voting.stv import count_irv

_RECORDED = json.loads((Path(__file__).parent / "pref_voting_answers.json").read_text(encoding="utf-8"))


def _winners(kind: str, ballots: Ballots) -> set[str]:
    """Return who wins, or who ties for the seat."""
    if kind == "irv":
        return _irv_winners(ballots)
    found = count(kind.removesuffix("-weak"), ballots)
    assert len(found.elected) + sum(tie.places for tie in found.ties) == 1
    return {*found.elected, *(option for tie in found.ties for option in tie.options)}


def _irv_winners(ballots: Ballots) -> set[str]:
    """Return everyone whom some way of breaking the ties elects, without looking back at earlier stages."""
    papers: dict[tuple[int, ...], int] = {}
    for paper, weight in ballots.papers:
        key = tuple(ballots.options.index(tier[0]) for tier in paper)
        papers[key] = papers.get(key, 0) + weight
    winners = set()
    for lots in AllLots.each():
        sheet = Sheet(ballots.options, 1, lots)
        count_irv(papers, sheet, by_history=False)
        winners |= set(sheet.elected)
    return winners


@pytest.mark.parametrize("kind", COMPARED)
def test_the_winners_are_those_pref_voting_names(kind: str) -> None:
    elections = all_drawn(kind)
    recorded = _RECORDED["kinds"][kind]
    assert digest(elections) == recorded["elections"]
    answers = recorded["winners"].split()
    assert len(answers) == len(elections) == COMPARED[kind]
    tied = 0
    for number, (ballots, answer) in enumerate(zip(elections, answers, strict=True)):
        assert _winners(kind, ballots) == set(answer), f"{kind} {number}: {ballots}"
        tied += len(answer) > 1
    # The comparison is worth something only where ties are among the cases.
    assert tied > len(elections) // 20


@pytest.mark.parametrize("method", COMPARED_STV)
def test_single_transferable_votes_elect_whom_pref_voting_elects_where_no_tie_is_met(method: str) -> None:
    elections = all_drawn(method)
    recorded = _RECORDED["kinds"][method]
    assert digest(elections) == recorded["elections"]
    compared = 0
    for ballots, answer in zip(elections, recorded["winners"].split(), strict=True):
        counted = count(method, ballots, seats=seats_of(ballots))
        if counted.complete and not any(stage.notes for stage in counted.stages):
            assert "".join(sorted(counted.elected)) == answer
            compared += 1
    assert compared > 400


def test_ten_thousand_elections_are_compared() -> None:
    assert sum(COMPARED.values()) == 10_000


def test_looking_back_only_chooses_among_the_ways_a_lot_could_fall() -> None:
    for ballots in all_drawn("irv")[:500]:
        found = count("irv", ballots, seed="any line")
        assert set(found.elected) <= _irv_winners(ballots)
