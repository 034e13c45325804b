"""Acts drawn at random, most of them refused: whatever was taken verifies, and reads the same when folded anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from tests.congress.house import House

from lustrum.congress.assembly import Congress
from lustrum.congress.documents import delete, replace_unit
from lustrum.congress.proof import verify
from lustrum.congress.publication import as_json
from lustrum.errors import BadInput, Refused


def acts(house: House, draw: Random) -> list[Callable[[], object]]:
    """Acts of every topic, on things that may be in any state."""
    c, state = house.congress, house.congress.state

    def one(things: object) -> str:
        return draw.choice(list(things) or ["none"])  # type: ignore[call-overload]

    member, person, motion = one(house.members), f"p{draw.randint(1, 9)}", one(state.motions)
    ballot, election, task, mandate = one(state.ballots), one(state.elections), one(state.tasks), one(state.mandates)
    main = one(m.id for m in state.motions.values() if m.document)
    if not any(p.startswith("report") for p in state.documents):  # its filing was taken back
        c.documents.file_text("Report", "One.\n\nTwo.", document=one(f"report-{k}" for k in range(99)))
    paper = next(p for p in c.state.documents if p.startswith("report"))
    version = c.documents.version(paper)
    options = state.elections[election].contest if election in state.elections else ()
    options = options if len(options) > 1 else ("p1", "p2")
    unit = draw.choice(version.units).id
    step = draw.choice((c.motions.submit, c.motions.admit, c.motions.debate, c.motions.resume))
    return [
        lambda: c.motions.draft("s1", "At random", proposer=member),
        lambda: c.motions.draft("s1", "On the report", proposer=member, document=paper),
        lambda: c.motions.amend(main, replace_unit(version, unit, f"Text {draw.random()}"), proposer=member),
        lambda: c.motions.amend(main, delete(version, unit), proposer=member, reach=draw.randint(0, 3)),
        *[lambda: forward(house, motion)] * 6,
        *[lambda: house.vote(motion, draw.randint(0, 9), draw.randint(0, 4))] * 5,
        *[lambda: vote_in_order(house, main, draw)] * 3,
        *[lambda: house.ballot({m: draw.sample(options, 2) for m in house.members}, election=election)] * 3,
        lambda: step(motion),
        lambda: draw.choice((c.motions.withdraw, c.motions.refer, c.motions.adjourn))(motion),
        lambda: c.motions.fix_order(main),
        lambda: c.ballots.prepare(motion=motion),
        lambda: c.ballots.prepare(election=election),
        lambda: c.ballots.open(ballot),
        lambda: [c.ballots.cast(ballot, m, draw.choice(("yes", "yes", "no"))) for m in house.members[:6]],
        lambda: [c.ballots.cast(ballot, m, draw.sample(options, 2)) for m in house.members[:6]],
        lambda: c.ballots.close(ballot),
        lambda: c.ballots.count(ballot),
        lambda: c.ballots.draw_lot(ballot, "seed", "a lottery"),
        lambda: c.ballots.certify(ballot, "officer"),
        lambda: c.ballots.void(ballot, "at random"),
        lambda: c.elections.call("s1", "committee", seats=draw.randint(1, 2)),
        lambda: c.elections.nominate(election, *draw.sample([f"p{k}" for k in range(1, 10)], 3), by="floor"),
        lambda: c.elections.withdraw(election, person),
        lambda: c.elections.close_nominations(election),
        lambda: c.elections.declare(election),
        lambda: c.mandates.begin(mandate),
        lambda: c.mandates.resign(mandate),
        lambda: c.credentials.leave("s1", member),
        lambda: c.credentials.arrive("s1", member),
        lambda: c.credentials.give_proxy("s1", member, one(house.members)),
        lambda: c.credentials.withdraw_proxy("s1", member),
        lambda: c.tasks.propose("A task", indicator="output", targets={2026: draw.random()}),
        lambda: (c.tasks.entrust(task, "committee"), c.tasks.accept(task, by=person), c.tasks.begin(task)),
        lambda: c.tasks.report(task, 2026, draw.random(), by=person),
        lambda: c.tasks.verify(task, 2026, by=person),
        lambda: c.tasks.set_target(task, 2026, draw.random(), reason="at random"),
        lambda: c.reverse(draw.randint(1, c.ledger.head.height), "at random"),
        lambda: c.reverse(c.ledger.head.height, "at random"),
    ]


def forward(house: House, motion: str) -> None:
    """Bring a motion as far towards debate as it goes."""
    m = house.congress.motions
    for step in (m.submit, m.admit, m.debate):
        with suppress(Refused, BadInput):
            step(motion)


def vote_in_order(house: House, main: str, draw: Random) -> None:
    """Bring a motion and all its amendments to their votes, in order."""
    for motion in [m.id for m in house.congress.state.motions.values() if main in (m.id, m.parent)]:
        forward(house, motion)
    for motion in [*house.congress.motions.fix_order(main), main]:
        with suppress(Refused, BadInput):
            house.vote(motion, draw.randint(0, 9), draw.randint(0, 4))


@pytest.mark.parametrize("seed", range(6))
def test_what_was_taken_verifies_and_reads_the_same_anew(tmp_path: Path, seed: int) -> None:
    house, draw = House(tmp_path), Random(seed)
    house.congress.documents.file_text("Report", "One.\n\nTwo.\n\nThree.", document="report")
    taken = refused = 0
    for _ in range(300):
        try:
            draw.choice(acts(house, draw))()
            taken += 1
        except (Refused, BadInput):
            refused += 1
    assert taken > 30 and refused > 30
    live = as_json(house.congress)
    with Congress.open(house.path) as again:
        assert as_json(again) == live
    assert verify(house.path) == []
