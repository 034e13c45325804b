"""Elections with the table of every count, and the bodies that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lustrum.congress.entities import Ballot, Election
from lustrum.congress.publication.markup import plain, section, table
from lustrum.congress.state import State


def elections(state: State) -> list[str]:
    """Each election: who stood, each ballot with its count, who was elected."""
    lines: list[str] = []
    for election in state.elections.values():
        lines += section(f"{election.id}: {state.bodies[election.body].name}", _election(state, election), 3)
    return lines


def _election(state: State, election: Election) -> list[str]:
    stood = _names(state, [c.person for c in election.candidates.values() if not c.withdrawn])
    lines = [f"{_seats(election.seats)}; nominated: {plain(stood)}.", ""]
    for ballot in (state.ballots[b] for b in election.ballots):
        if ballot.result:
            lines += _count(state, ballot)
    if election.status == "declared":
        lines += [f"Declared elected: {plain(_names(state, election.elected))}.", ""]
    else:
        lines += [f"State: {election.status}. {plain(election.contest_why)}".rstrip(), ""]
    return lines


def _count(state: State, ballot: Ballot) -> list[str]:
    count = ballot.result["count"]
    secret, invalid = "secret" if ballot.secret else "open", sum(count["invalid"].values())
    lines = [
        f"Ballot {ballot.id}, round {ballot.round}, {secret}, {plain(count['method'])}; {ballot.status}. "
        f"{count['valid']} valid, {invalid} invalid, of {ballot.frozen['voters']} on the roll."
    ]
    if ballot.imported:
        lines.append(f"Counted elsewhere: {plain(ballot.imported['source'])}, {ballot.imported['voters']} voters.")
    lines += ["", *_table(state, count)]
    for lot in count["lots"]:
        drawn = _names(state, lot["drawn"])
        lines += [
            f"Lot {lot['number']} from the seed `{plain(lot['seed'])}` "
            f"({plain(ballot.closing.get('seed_source', ''))}): {plain(drawn)}.",
            "",
        ]
    if ballot.result["outcome"] != "elected":
        words = {"reballot": "Re-ballot", "none": "Nobody elected", "no_quorum": "No quorum"}[ballot.result["outcome"]]
        contest = _names(state, ballot.result["contest"])
        between = f"{words} between {plain(contest)}" if contest else words
        lines += [f"{between}: {plain(ballot.result['why'])}.", ""]
    return lines


def _table(state: State, count: dict[str, Any]) -> list[str]:
    """The stages of a count: a column each where they are fewer than the candidates, else a row each."""
    stages, candidates = count["stages"], [f"{_name(state, o)} ({o})" for o in count["options"]]
    rest = ("not transferable", "quota", "outcome")
    rows = [[s["stage"], s["action"], *s["votes"], s["exhausted"], s["quota"], _outcome(state, s)] for s in stages]
    if len(stages) > len(candidates):
        return table(("stage", "action", *map(plain, candidates), *rest), rows)
    heads = ("votes", *(f"stage {s['stage']}: {plain(s['action'])}" for s in stages))
    columns = list(zip(*(row[2:] for row in rows), strict=True)) if rows else []
    return table(heads, [(name, *cells) for name, cells in zip((*candidates, *rest), columns, strict=True)])


def _outcome(state: State, stage: dict[str, Any]) -> str:
    words = [f"{word}: {_names(state, stage[word])}" for word in ("elected", "excluded") if stage[word]]
    return "; ".join([*words, *stage["notes"]])


def bodies(state: State) -> list[str]:
    """Bodies and offices with those who sit in them, and the mandates that ended."""
    lines: list[str] = []
    for body in state.bodies.values():
        held = [m for m in state.mandates.values() if m.body == body.id]
        rows = [(state.people[m.person].name, _standing(m.status, m.ended), m.since, m.until, m.election) for m in held]
        if rows:
            vacant = state.vacancies(body.id)
            words = [f"{_seats(body.seats or 0)}, {vacant} vacant.", ""]
            lines += section(body.name, [*words, *table(("name", "mandate", "since", "until", "election"), rows)], 3)
    return lines


def _seats(number: int) -> str:
    return f"{number} seat" if number == 1 else f"{number} seats"


def _standing(status: str, ended: str) -> str:
    return f"{status} ({ended})" if ended else status


def _name(state: State, person: str) -> str:
    found = state.people.get(person)
    return found.name if found else person


def _names(state: State, people: Sequence[str]) -> str:
    return ", ".join(_name(state, p) for p in people)
