"""Elections with the table of every count, and the bodies that came of them."""

from __future__ import annotations

from collections.abc import Sequence

from lustrum.congress.publication.markup import plain, section, table
from lustrum.congress.state.deciding import Ballot, Election
from lustrum.congress.state.state import State


def elections(state: State) -> list[str]:
    """Each election: who stood, each ballot with its count, who was elected."""
    lines: list[str] = []
    for election in state.elections.values():
        lines += section(f"{election.id}: {state.bodies[election.body].name}", _election(state, election), 3)
    return lines


def _election(state: State, election: Election) -> list[str]:
    stood = _names(state, [c.person for c in election.candidates.values() if not c.withdrawn])
    lines = [f"{election.seats} seats; nominated: {plain(stood)}.", ""]
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
    options = [_name(state, o) for o in count["options"]]
    rows = [_stage(state, stage) for stage in count["stages"]]
    lines += ["", *table(("stage", "action", *map(plain, options), "not transferable", "quota", "outcome"), rows)]
    for lot in count["lots"]:
        drawn = _names(state, lot["drawn"])
        lines += [f"Lot {lot['number']} from the seed `{plain(lot['seed'])}` "
                  f"({plain(ballot.closing.get('seed_source', ''))}): {plain(drawn)}.", ""]  # fmt: skip
    if ballot.result["outcome"] != "elected":
        words = {"reballot": "Re-ballot", "none": "Nobody elected", "no_quorum": "No quorum"}[ballot.result["outcome"]]
        between = f" between {_names(state, ballot.result['contest'])}" if ballot.result["contest"] else ""
        lines += [f"{words}{plain(between)}: {plain(ballot.result['why'])}.", ""]
    return lines


def _stage(state: State, stage: dict[str, object]) -> list[object]:
    votes = stage["votes"]
    assert isinstance(votes, list)
    outcome = [f"{word}: {_names(state, names)}" for word in ("elected", "excluded")
               if isinstance(names := stage[word], list) and names]  # fmt: skip
    notes = stage["notes"]
    assert isinstance(notes, list)
    return [stage["stage"], stage["action"], *votes, stage["exhausted"], stage["quota"], "; ".join([*outcome, *notes])]


def bodies(state: State) -> list[str]:
    """Bodies and offices with those who sit in them, and the mandates that ended."""
    lines: list[str] = []
    for body in state.bodies.values():
        held = [m for m in state.mandates.values() if m.body == body.id]
        rows = [
            (state.people[m.person].name, _standing(m.status, m.ended), m.since, m.until, m.election)
            for m in held
        ]  # fmt: skip
        if rows:
            vacant = state.vacancies(body.id)
            words = [f"{body.seats} seats, {vacant} vacant.", ""]
            lines += section(body.name, [*words, *table(("name", "mandate", "since", "until", "election"), rows)], 3)
    return lines


def _standing(status: str, ended: str) -> str:
    return f"{status} ({ended})" if ended else status


def _name(state: State, person: str) -> str:
    found = state.people.get(person)
    return found.name if found else person


def _names(state: State, people: Sequence[str]) -> str:
    return ", ".join(_name(state, p) for p in people)
