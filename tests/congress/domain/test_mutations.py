"""Any single figure, name or word of any event is changed, and the chain made whole again, as the holder of the key
could: the rules tell it, unless nothing that was decided rests on it. Those places are listed; an anchor tells them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.congress.domain.house import House
from tests.congress.domain.test_publication import played
from tests.congress.ledger.tampering import closed_ballots

from lustrum.congress.ledger import Ledger
from lustrum.congress.proof import rebuild

#: Words, what was merely said, and what the ledger proves of its own urns.
FREE = {
    "ballot.certified/1": {"by"},
    "ballot.counted/1": {"seed_source"},
    "body.founded/1": {"name"},
    "congress.founded/1": {"name"},
    "credential.issued/1": {"delegation"},
    "election.nominated/1": {"by"},
    "item.moved/1": {"item", "note"},
    "item.placed/1": {"item", "number", "title"},
    "motion.drafted/1": {"reach", "text", "title"},
    "motion.moved/1": {"note"},
    "paper.filed/1": {"economy", "title"},
    "person.registered/1": {"name", "region"},
    "session.convened/1": {"title"},
    "step.reversed/1": {"reason"},
    "task.proposed/1": {"indicator", "label", "sector", "2026", "text", "unit"},
    "task.reported/1": {"text", "value"},
    "urn.cast/1": {"paper", "voter"},
    "urn.closed/1": {"voters"},
    "urn.opened/1": {"key", "paper_bytes"},
}


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value in JSON data with the path to it."""
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path, data


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "x"


def test_no_change_that_matters_goes_unseen(house: House) -> None:
    path = played(house).path
    with Ledger.open(path) as ledger:
        events, urns = list(ledger.events()), {u.ballot: u for u in closed_ballots(ledger)}
    assert list(rebuild(events, urns)) == []
    places = [
        (k, where, value)
        for k, e in enumerate(events)
        if not e.kind.startswith("ledger.")
        for where, value in leaves(e.data)
    ]
    seen = 0
    for k, where, value in places:
        data = copy.deepcopy(events[k].data)
        inside = data
        for key in where[:-1]:
            inside = inside[key]
        inside[where[-1]] = other(value)
        changed = [*events[:k], replace(events[k], data=data), *events[k + 1 :]]
        if list(rebuild(changed, urns)):
            seen += 1
            continue
        free = FREE.get(events[k].kind, set())
        assert free & set(where), f"event {events[k].height}, {events[k].kind}: {where} was changed, and nobody noticed"
    assert seen > 500
