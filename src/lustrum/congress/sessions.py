"""Sessions and their agenda."""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.entities import NOT_CLOSED, Item, Session
from lustrum.congress.state import State
from lustrum.congress.steps import Day, Id, Now, Step, Text, Topic, kind
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
        state.check_unused(state.sessions, self.session)
        if state.bodies.find(self.body).dissolved:
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
        session = state.sessions.find(self.session).must(_WALK[self.step][0], self.step)
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
        session = state.sessions.find(self.session).must(_WALK["close"][0], "close")
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
        state.check_unused(state.items, self.item)
        state.sessions.find(self.session).must(NOT_CLOSED, "take an item")
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
        item = state.items.find(self.item).must(_ITEMS[self.step][0], self.step)
        if self.step != "defer":
            state.sessions[item.session].must(("open",), f"{self.step} an item")

    def apply(self, state: State, now: Now) -> None:
        item = state.items[self.item]
        item.status, item.note = _ITEMS[self.step][1], self.note or item.note


class Sessions(Topic):
    """Sittings of bodies."""

    def convene(self, title: str, date: str, *, body: str | None = None, session: str | None = None) -> str:
        """Call a body (the highest, if none is named) together for a day; return the session's id."""
        with self._acting() as act:
            highest, things = act.state.body, act.state.sessions
            return act.make(SessionConvened, session, things, body=body or highest, title=title, date=date)

    def accredit(self, session: str) -> None:
        """Begin to record who is there."""
        self._do(SessionMoved, session=session, step="accredit")

    def open(self, session: str) -> None:
        """Open a session: it can debate and vote."""
        self._do(SessionMoved, session=session, step="open")

    def suspend(self, session: str) -> None:
        """Suspend a session."""
        self._do(SessionMoved, session=session, step="suspend")

    def resume(self, session: str) -> None:
        """Take a suspended session up again."""
        self._do(SessionMoved, session=session, step="resume")

    def close(self, session: str) -> str:
        """Close a session; return the anchor to publish, `height:hash` of the closing event."""
        with self._acting() as act:
            event = act.do(SessionClosed, session=session)
            return f"{event.height}:{event.hash}"


class Agenda(Topic):
    """Items of the agenda."""

    def place(self, session: str, title: str, *, number: int | None = None, item: str | None = None) -> str:
        """Place an item, last if no number is given; return its id."""
        with self._acting() as act:
            taken = [i.number for i in act.state.items.values() if i.session == session]
            place = number or max(taken, default=0) + 1
            return act.make(ItemPlaced, item, act.state.items, session=session, number=place, title=title)

    def open(self, item: str) -> None:
        """Call an item."""
        self._do(ItemMoved, item=item, step="open")

    def close(self, item: str, note: str = "") -> None:
        """Conclude an item."""
        self._do(ItemMoved, item=item, step="close", note=note)

    def defer(self, item: str, note: str = "") -> None:
        """Put an item off."""
        self._do(ItemMoved, item=item, step="defer", note=note)
