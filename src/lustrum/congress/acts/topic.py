"""Acting: one transaction on the ledger with the state as it is in it; and the base of the topics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from lustrum.congress.events.folding import Fold
from lustrum.congress.events.step import Now, Step, build
from lustrum.congress.ledger import Event, Ledger
from lustrum.congress.ledger.events import View
from lustrum.congress.ledger.writing import Writing
from lustrum.congress.state.state import State


class Acting:
    """Inside a transaction: the newest state, and `do`, which checks a step against it and appends it."""

    def __init__(self, fold: Fold, tx: Writing, time: str) -> None:
        self.fold, self.tx, self._time = fold, tx, time
        self.appended = False

    @property
    def state(self) -> State:
        """The state after everything done so far."""
        return self.fold.state

    @property
    def height(self) -> int:
        """Height that the next event will have."""
        return self.fold.height + 1

    def do(self, cls: type[Step], **data: object) -> Event:
        """Append a step if the rules allow it.

        Raises
        ------
        Refused, BadInput
            With the rule, or the field that is wrong.
        """
        step = build(cls, data)
        step.check(self.state, Now(self.height, self._time))
        self.appended = True
        event = self.tx.append(cls.kind, step.data())
        self.fold.accept(event, build(cls, event.data))
        return event

    def took_newest(self) -> None:
        """Take in what the ledger itself has written in this transaction: urns opened, closed, voided."""
        self.appended = True
        self.fold.take_or_raise(self.tx.events(self.fold.height))


class Room(Protocol):
    """What the topics need of the congress."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def state(self) -> State: ...
    def acting(self) -> AbstractContextManager[Acting]: ...
    def turn(self) -> AbstractContextManager[None]: ...
    def seen(self, view: View) -> State: ...


class Topic:
    """A group of acts on one congress."""

    def __init__(self, congress: Room) -> None:
        self._congress = congress

    @property
    def _state(self) -> State:
        return self._congress.state

    @contextmanager
    def _acting(self) -> Iterator[Acting]:
        with self._congress.acting() as act:
            yield act

    def _do(self, cls: type[Step], **data: object) -> None:
        with self._congress.acting() as act:
            act.do(cls, **data)
