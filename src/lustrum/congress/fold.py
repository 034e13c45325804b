"""Replaying the ledger: events in, state out. Each event is checked by the same rules as when it was entered, so that a
forged one is found.

An event that a later one took back is left out from the beginning; the id of what it made stays in use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import Field

from lustrum.congress import ballots, elections, filing, mandates, motions, people, plans, sessions, tasks
from lustrum.congress.canonical import digest
from lustrum.congress.entities import must_be
from lustrum.congress.ledger import Event
from lustrum.congress.state import State
from lustrum.congress.steps import Now, Step, Text, kind, read_step
from lustrum.errors import LustrumError, NotVerified, Refused


@kind("step.reversed/1", reversible=False)
class StepReversed(Step):
    """The event at `reverses` is taken back."""

    reverses: int = Field(ge=0)
    reason: Text

    def check(self, state: State, now: Now) -> None:
        if self.reverses >= now.height:
            raise Refused(
                "only what has happened can be taken back",
                found=f"event {self.reverses}",
                expected=f"an event before {now.height}",
            )

    def apply(self, state: State, now: Now) -> None:
        """Nothing here: the fold leaves the reversed event out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the rules did not allow at its place."""

    height: int
    what: str


#: Kinds that the ledger itself writes.
LEDGER_KINDS = ("ledger.", "urn.")


_WHY = {
    "ballot": "nothing reopens a ballot; before it is certified it can be declared void",
    "presence": "presence is append-only: record the coming or going that corrects it",
    "session": "the closing head is published",
    "step": "do the step again instead",
    "target": "a target is corrected by a new version",
}
#: The subjects: importing one enters its kinds of steps in the table that `read_step` reads.
SUBJECTS = (ballots, elections, filing, mandates, motions, people, plans, sessions, tasks)


@dataclass(slots=True)
class Fold:
    """The state after some events, and those events, which a step back replays."""

    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list)
    steps: dict[int, Step] = field(default_factory=dict)
    reversed: dict[int, int] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Height of the last event."""
        return self.events[-1].height if self.events else 0

    def take(self, events: Iterable[Event]) -> list[Refusal]:
        """Take in further events; return those that the rules did not allow, which are left out.

        If one of them takes a step back, all events are replayed from the first.
        """
        new = list(events)
        out: list[Refusal] = []
        for event in new:
            if event.kind.startswith(LEDGER_KINDS):
                continue
            try:
                self.steps[event.height] = read_step(event.kind, event.data)
            except LustrumError as e:
                out.append(Refusal(event.height, str(e)))
        backs = {h: s for h in (e.height for e in new) if isinstance(s := self.steps.get(h), StepReversed)}
        if backs:
            return [*out, *self._again(new, backs)]
        for event in new:
            self.events.append(event)
            _one(self.state, event, self.steps.get(event.height), False, out)
        return sorted(out, key=lambda r: r.height)

    def take_or_raise(self, events: Iterable[Event]) -> None:
        """Take in further events.

        Raises
        ------
        NotVerified
            At the first that the rules did not allow.
        """
        if refused := self.take(events):
            raise NotVerified(
                f"the ledger holds what the rules did not allow: event {refused[0].height}: "
                f"{refused[0].what}\n  mend:     `verify` lists everything; restore the ledger from a copy"
            )

    def accept(self, event: Event, step: Step) -> None:
        """Take in an event whose step has just been checked; after a step back everything is replayed."""
        self.steps[event.height] = step
        if isinstance(step, StepReversed):
            self._again([event], {event.height: step})
            return
        self.events.append(event)
        step.apply(self.state, Now(event.height, event.time))
        self.state.height = event.height

    def _again(self, new: list[Event], backs: dict[int, StepReversed]) -> list[Refusal]:
        out: list[Refusal] = []
        for height, step in backs.items():
            try:
                self.check_reversal(step.reverses, before=height)
                self.reversed[step.reverses] = height
            except LustrumError as e:
                out.append(Refusal(height, str(e)))
        self.events += new
        self.state = State()
        for event in self.events:
            _one(self.state, event, self.steps.get(event.height), event.height in self.reversed, out)
        return sorted(out, key=lambda r: r.height)

    def check_reversal(self, height: int, before: int) -> None:
        """Refuse to take back an event whose kind is final, or one that was taken back before.

        Raises
        ------
        Refused
            With the reason.
        """
        step = self.steps.get(height)
        if step is None or height >= before:
            raise Refused(
                f"event {height} is no step of the congress that can be taken back", mend="`record` lists them"
            )
        if height in self.reversed:
            raise Refused(f"event {height} was taken back by event {self.reversed[height]}")
        if not step.reversible:
            raise Refused(
                f"event {height} cannot be taken back",
                found=step.kind,
                expected=_WHY.get(step.kind.split(".")[0], "a step that can be undone"),
            )

    def check_replay_without(self, height: int) -> None:
        """Refuse to take back an event that a later step rests on, by replaying the ledger without it.

        Raises
        ------
        Refused
            Naming the later step.
        """
        self.check_reversal(height, self.height + 1)
        state = State()
        for event in self.events:
            out: list[Refusal] = []
            _one(
                state, event, self.steps.get(event.height), event.height in self.reversed or event.height == height, out
            )
            if out and event.height > height:
                first = out[0].what.split("\n")[0]
                raise Refused(
                    f"event {height} cannot be taken back: a later step rests on it",
                    found=f"event {event.height}, {event.kind}: {first}",
                    mend="take the later step back first, if it is not certified",
                )


def _one(state: State, event: Event, step: Step | None, taken_back: bool, out: list[Refusal]) -> None:
    """Check and apply one event."""
    try:
        if step is None:
            if event.kind.startswith("urn."):
                _box(state, event)
        elif taken_back:
            if step.makes is not None:
                state.retired.add(getattr(step, step.makes))
        else:
            now = Now(event.height, event.time)
            step.check(state, now)
            step.apply(state, now)
    except LustrumError as e:
        out.append(Refusal(event.height, f"{event.kind}: {e}"))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as e:
        # only forged data gets here: what the congress writes has the form that the rules read
        out.append(Refusal(event.height, f"{event.kind}: not of the form that the rules read: {e!r}"))
    state.height = event.height


def _box(state: State, event: Event) -> None:
    """What the ledger says of a ballot box must fit the ballot: its roll when it opens, its digests when it closes."""
    data = event.data
    ballot = state.ballots.get(str(data.get("ballot")))
    if ballot is None:
        raise Refused("a ballot box without a ballot", found=data.get("ballot"))
    if event.kind.startswith("urn.opened/"):
        must_be(ballot.status, "open", "a ballot box opens with its ballot")
        if digest(data["roll"]) != ballot.frozen["roll"] or data["secret"] != ballot.secret:
            raise Refused(
                "the ballot box was opened on another roll than the ballot froze",
                found=digest(data["roll"]),
                expected=ballot.frozen["roll"],
            )
        ballot.closing["opened"] = True
    elif event.kind.startswith("urn.cast/"):
        must_be(ballot.status, "open", "a vote outside the ballot's time")
    elif event.kind.startswith("urn.closed/"):
        ballot.closing["urn"] = {k: data[k] for k in ("papers", "papers_digest", "voters", "voters_digest")}


def fold(events: Iterable[Event]) -> Fold:
    """Fold a whole ledger.

    Raises
    ------
    NotVerified
        If it holds an event that the rules did not allow.
    """
    made = Fold()
    made.take_or_raise(events)
    return made
