"""Who could vote, and the sessions with their agenda."""

from __future__ import annotations

from lustrum.congress.publication.markup import plain, section, table
from lustrum.congress.state import State


def roll(state: State) -> list[str]:
    """Credentials by body: how many, and whose."""
    lines: list[str] = []
    for body, credentials in state.by_body.items():
        counts = {s: sum(c.status == s for c in credentials.values()) for s in ("accredited", "issued", "revoked")}
        words = ", ".join(f"{n} {s if s != 'issued' else 'not accredited'}" for s, n in counts.items() if n)
        rows = [(c.id, state.people[c.person].name, c.delegation, c.weight, c.status) for c in credentials.values()]
        lines += section(
            state.bodies[body].name,
            [
                f"{len(credentials)} credentials: {words}.",
                "",
                *table(("credential", "name", "delegation", "votes", "state"), rows),
            ],
            3,
        )
    return lines


def sessions(state: State, anchors: dict[int, str]) -> list[str]:
    """Sessions with their agenda, and the anchors that their closing published.

    Parameters
    ----------
    anchors
        Height of an event -> `height:hash`, for the closing events at least.
    """
    lines: list[str] = []
    for session in state.sessions.values():
        items = sorted((i for i in state.items.values() if i.session == session.id), key=lambda i: i.number)
        body = [f"{plain(state.bodies[session.body].name)}, {session.date}; {session.status}.", ""]
        if session.closing_height is not None:
            body += [f"Head of the record at its close: `{anchors[session.closing_height]}`", ""]
        body += table(("item", "title", "state", "note"), [(i.number, i.title, i.status, i.note) for i in items])
        lines += section(session.title, body, 3)
    return lines
