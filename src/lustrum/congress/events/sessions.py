"""Sessions and their agenda."""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.events.step import Day, Id, Now, Step, Text, kind
from lustrum.congress.state.business import Item, Session
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.state import State, find
from lustrum.errors import Refused

#: Step of a session -> from which states, to which.
_WALK = {
    "accredit": (("convened",), "accrediting"),
    "open": (("accrediting",), "open"),
    "suspend": (("open",), "suspended"),
    "resume": (("suspended",), "open"),
    "close": (("accrediting", "open", "suspended"), "closed"),
}
_ITEMS = {
    "open": (("planned", "deferred"), "open"),
    "close": (("open",), "closed"),
    "defer": (("planned", "open"), "deferred"),
}


@kind("session.convened/1", makes="session")
class SessionConvened(Step):
    """A body is called together for a day."""

    session: Id
    body: Id
    title: Text
    date: Day

    def check(self, state: State, now: Now) -> None:
        unused(state.sessions, self.session, "session", state)
        if find(state.bodies, self.body, "body").dissolved:
            raise Refused(f"{self.body} is dissolved", expected="a body of the statute in force")
        running = [s.id for s in state.sessions.values() if s.body == self.body and s.status != "closed"]
        if running:
            raise Refused(f"{self.body} already has a session", found=running[0], mend="close it first")

    def apply(self, state: State, now: Now) -> None:
        state.sessions[self.session] = Session(self.session, self.body, self.title, self.date)


@kind("session.moved/1")
class SessionMoved(Step):
    """A session goes on: accredit, open, suspend, resume."""

    session: Id
    step: str = Field(pattern="^(accredit|open|suspend|resume)$")

    def check(self, state: State, now: Now) -> None:
        session = find(state.sessions, self.session, "session")
        must(session.status, _WALK[self.step][0], f"session {session.id}", self.step)
        if self.step == "suspend" and (ballots := state.open_ballots(session.id)):
            raise Refused(
                "a session with an open ballot is not suspended",
                found=", ".join(b.id for b in ballots),
                mend="close the ballot first",
            )

    def apply(self, state: State, now: Now) -> None:
        state.sessions[self.session].status = _WALK[self.step][1]


@kind("session.closed/1", reversible=False)
class SessionClosed(Step):
    """The session ends. The head of the ledger at this event is published: it is what `verify --anchor` takes."""

    session: Id

    def check(self, state: State, now: Now) -> None:
        session = find(state.sessions, self.session, "session")
        must(session.status, _WALK["close"][0], f"session {session.id}", "close")
        unfinished = [
            b.id
            for b in state.ballots.values()
            if b.session == session.id and b.status in ("open", "closed", "counted")
        ]
        if unfinished:
            raise Refused(
                "a session with an unfinished ballot does not close",
                found=", ".join(unfinished),
                expected="every ballot certified or void",
                mend="close, count and certify it, or void it",
            )

    def apply(self, state: State, now: Now) -> None:
        session = state.sessions[self.session]
        session.status, session.closing_height = "closed", now.height
        session.present.clear()
        state.changed_presence(session.id)
        state.proxies = [p for p in state.proxies if p.session != self.session]


@kind("item.placed/1", makes="item")
class ItemPlaced(Step):
    """An item is placed on the agenda of a session."""

    item: Id
    session: Id
    number: int = Field(ge=1, le=10_000)
    title: Text

    def check(self, state: State, now: Now) -> None:
        unused(state.items, self.item, "item", state)
        session = find(state.sessions, self.session, "session")
        must(session.status, ("convened", "accrediting", "open", "suspended"), f"session {session.id}", "take an item")
        if any(i.session == self.session and i.number == self.number for i in state.items.values()):
            raise Refused(f"item {self.number} of the agenda is taken", mend="give the item another number")

    def apply(self, state: State, now: Now) -> None:
        state.items[self.item] = Item(self.item, self.session, self.number, self.title)


@kind("item.moved/1")
class ItemMoved(Step):
    """An item is opened, closed or deferred."""

    item: Id
    step: str = Field(pattern="^(open|close|defer)$")
    note: str = Field("", max_length=2000)

    def check(self, state: State, now: Now) -> None:
        item = find(state.items, self.item, "item")
        must(item.status, _ITEMS[self.step][0], f"item {item.id}", self.step)
        if self.step != "defer":
            session = state.sessions[item.session]
            must(session.status, ("open",), f"session {session.id}", f"{self.step} an item")

    def apply(self, state: State, now: Now) -> None:
        item = state.items[self.item]
        item.status, item.note = _ITEMS[self.step][1], self.note or item.note
