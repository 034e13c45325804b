"""The record of a congress as one Markdown document that a person can read, ending in the head of its ledger."""

from __future__ import annotations

from lustrum.congress.assembly import Congress
from lustrum.congress.publication import elections, entrusted, motions, sittings
from lustrum.congress.publication.markup import plain, section, table
from lustrum.congress.state import State


def as_markdown(congress: Congress, day: str | None = None) -> str:
    """Return the record.

    Parameters
    ----------
    day
        The day (ISO) on which the register of tasks is read; that of the last event if none is given.
    """
    state = congress.state
    events = {e.height: e for e in congress.ledger.events()}
    head = congress.ledger.head
    anchors = {e.height: f"{e.height}:{e.hash}" for e in events.values() if e.kind.startswith("session.closed/")}
    backs = [
        (e.data["reverses"], events[e.data["reverses"]].kind.split("/")[0], e.time[:19], e.data["reason"])
        for e in events.values()
        if e.kind.startswith("step.reversed/")
    ]
    parts = [
        f"# Record of {plain(state.name)}",
        "",
        *section("Sessions and agenda", sittings.sessions(state, anchors)),
        *section("Motions and amendments", motions.motions(state)),
        *section("Plan", entrusted.plans(state)),
        *section("Elections", elections.elections(state)),
        *section("Bodies and offices", elections.bodies(state)),
        *section("Tasks", entrusted.tasks(state, day or events[max(events)].time[:10])),
        *section("Documents", _papers(state)),
        *section("Roll", sittings.roll(state)),
        *section("Steps taken back", table(("event", "kind", "when", "reason"), backs)),
        *section(
            "Ledger",
            [
                f"Events: {head.height}. Head: `{head.anchor}`",
                "",
                f"Ledger `{congress.ledger.id}`, signed by `{congress.ledger.public_key}`.",
                "",
                "Whoever has this line and the exported record can verify both: "
                f"`lustrum congress verify --anchor {head.anchor}`.",
                "",
            ],
        ),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _papers(state: State) -> list[str]:
    rows = [
        (p.id, p.kind, p.title, v.status.replace("_", " "), v.since[:10], v.hash)
        for p in state.documents.values()
        for v in p.versions
    ]
    return table(("document", "kind", "title", "version", "since", "hash"), rows)
