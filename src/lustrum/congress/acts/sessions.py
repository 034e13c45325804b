"""Sessions and their agenda."""

from __future__ import annotations

from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.sessions import ItemMoved, ItemPlaced, SessionClosed, SessionConvened, SessionMoved


class Sessions(Topic):
    """Sittings of bodies."""

    def convene(self, title: str, date: str, *, body: str | None = None, session: str | None = None) -> str:
        """Call a body (the highest, if none is named) together for a day; return the session's id."""
        with self._acting() as act:
            made = session or act.state.new_id("session", act.state.sessions)
            act.do(SessionConvened, session=made, body=body or act.state.body, title=title, date=date)
            return made

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
            made = item or act.state.new_id("item", act.state.items)
            act.do(ItemPlaced, item=made, session=session, number=number or max(taken, default=0) + 1, title=title)
            return made

    def open(self, item: str) -> None:
        """Call an item."""
        self._do(ItemMoved, item=item, step="open")

    def close(self, item: str, note: str = "") -> None:
        """Conclude an item."""
        self._do(ItemMoved, item=item, step="close", note=note)

    def defer(self, item: str, note: str = "") -> None:
        """Put an item off."""
        self._do(ItemMoved, item=item, step="defer", note=note)
