"""A step is one kind of event: its data, when the rules allow it (`check`) and what it changes (`apply`).

`check` runs before an event is entered. It runs again for every event whenever a ledger is verified, so that an event
which the rules did not allow is found. `Topic` is the base of the methods of a congress, `Acting` one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from lustrum.congress.ledger import Event, Ledger, View, Writing
from lustrum.congress.state import State, Things
from lustrum.errors import BadInput

#: Names of things, as they stand in events, files and addresses.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


Hash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Now(NamedTuple):
    """The event being judged: its height and its time (ISO 8601, UTC)."""

    height: int
    time: str

    @property
    def day(self) -> str:
        """The date of the event."""
        return self.time[:10]


class Step(BaseModel):
    """One kind of event. `kind` ends in its version; `makes` names the field with the id of what it makes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str]
    makes: ClassVar[str | None] = None
    #: Whether a reversing event may take it back.
    reversible: ClassVar[bool] = True

    def check(self, state: State, now: Now) -> None:
        """Raise `Refused` or `BadInput` if the rules do not allow this step now."""
        raise NotImplementedError

    def apply(self, state: State, now: Now) -> None:
        """Change the state."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """The event's data as JSON."""
        return self.model_dump(mode="json")


KINDS: dict[str, type[Step]] = {}


def kind(name: str, *, makes: str | None = None, reversible: bool = True) -> Any:
    """Enter a class in the table of kinds under its name and version."""

    def enter(cls: type[Step]) -> type[Step]:
        cls.kind, cls.makes, cls.reversible = name, makes, reversible
        KINDS[name] = cls
        return cls

    return enter


def read_step(name: str, data: Any) -> Step:
    """Return an event's data as its step.

    Raises
    ------
    BadInput
        If the kind is unknown to this version, or the data are not of its form.
    """
    cls = KINDS.get(name)
    if cls is None:
        raise BadInput(f"unknown kind of event {name!r}", mend="read it with the version of lustrum that wrote it")
    return build(cls, data)


def build(cls: type[Step], data: Any) -> Step:
    """Return data as a step of one kind; the error names the field."""
    try:
        return cls.model_validate(data)
    except ValidationError as e:
        first = e.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        found = first.get("input")
        raise BadInput(
            f"{first['msg'][0].lower()}{first['msg'][1:]}",
            where=f"{cls.kind}: {place}",
            found=str(found)[:80],
            mend="give what is expected there",
        ) from None


class Folding(Protocol):
    """The state as the events of the ledger make it (`fold.Fold`)."""

    @property
    def state(self) -> State: ...
    @property
    def height(self) -> int: ...
    def accept(self, event: Event, step: Step) -> None: ...
    def take_or_raise(self, events: Iterable[Event]) -> None: ...


class Acting:
    """Inside a transaction: the newest state, and `do`, which checks a step against it and appends it."""

    def __init__(self, fold: Folding, tx: Writing, time: str) -> None:
        self.fold, self.tx, self._time = fold, tx, time
        self.appended = False

    @property
    def state(self) -> State:
        """The state after everything done so far."""
        return self.fold.state

    def do(self, cls: type[Step], **data: object) -> Event:
        """Append a step if the rules allow it.

        Raises
        ------
        Refused, BadInput
            With the rule, or the field that is wrong.
        """
        step = build(cls, data)
        step.check(self.state, Now(self.fold.height + 1, self._time))
        self.appended = True
        event = self.tx.append(cls.kind, step.data())
        self.fold.accept(event, build(cls, event.data))
        return event

    def make(self, cls: type[Step], given: str | None, things: Things[Any], /, **data: object) -> str:
        """Append a step that makes a thing, under the id given or the next free one (`motion-12`); return the id."""
        made = given or self.state.new_id(things.noun, things)
        self.do(cls, **{str(cls.makes): made}, **data)
        return made

    def took_newest(self) -> None:
        """Take in what the ledger itself has written in this transaction: ballot boxes opened, closed, voided."""
        self.appended = True
        self.fold.take_or_raise(self.tx.events(self.fold.height))


class AnyCongress(Protocol):
    """What the topics need of the congress (`assembly.Congress`)."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def state(self) -> State: ...
    def acting(self) -> AbstractContextManager[Acting]: ...
    def turn(self) -> AbstractContextManager[None]: ...
    def seen(self, view: View) -> State: ...


class Topic:
    """A group of acts on one congress."""

    def __init__(self, congress: AnyCongress) -> None:
        self._congress = congress

    @property
    def _state(self) -> State:
        return self._congress.state

    def _acting(self) -> AbstractContextManager[Acting]:
        return self._congress.acting()

    def _do(self, cls: type[Step], **data: object) -> None:
        """Take one step."""
        with self._acting() as act:
            act.do(cls, **data)

    def _each(self, cls: type[Step], name: str, values: Iterable[str], **data: object) -> None:
        """Take one kind of step for each of several things, all of them or none; `name` is the field they go to."""
        with self._acting() as act:
            for value in values:
                act.do(cls, **{name: value}, **data)
