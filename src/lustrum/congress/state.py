"""The state of a congress after some event of its ledger, and the questions that rules ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lustrum.congress.canonical import digest
from lustrum.congress.documents import Document
from lustrum.congress.entities import (
    AdoptedPlan,
    Ballot,
    Body,
    Credential,
    Election,
    Item,
    Mandate,
    Motion,
    Person,
    Proxy,
    Session,
    Task,
)
from lustrum.congress.statute import Rules
from lustrum.errors import BadInput, Refused
from lustrum.labels import unknown_label

T = TypeVar("T")


class Things(dict[str, T]):
    """The things of one kind by their ids; `noun` is what messages call one of them."""

    def __init__(self, noun: str, things: Mapping[str, T] | None = None) -> None:
        super().__init__(things or {})
        self.noun = noun

    def find(self, name: str) -> T:
        """Return a thing by its id.

        Raises
        ------
        BadInput
            If there is none, with the nearest spelling.
        """
        if name not in self:
            expected, mend = unknown_label(name, list(self), self.noun)
            raise BadInput(f"there is no {self.noun} {name!r}", expected=expected, mend=mend)
        return self[name]


@dataclass(slots=True)
class State:
    """The congress after the event at `height`. Only events change it: each subject's file says what its steps do."""

    height: int = -1
    name: str = ""
    body: str = ""
    statute: str = ""
    rules: Rules | None = None
    rules_since: int = 0
    people: Things[Person] = field(default_factory=lambda: Things("person"))
    bodies: Things[Body] = field(default_factory=lambda: Things("body"))
    credentials: Things[Credential] = field(default_factory=lambda: Things("credential"))
    proxies: list[Proxy] = field(default_factory=list)
    mandates: Things[Mandate] = field(default_factory=lambda: Things("mandate"))
    sessions: Things[Session] = field(default_factory=lambda: Things("session"))
    items: Things[Item] = field(default_factory=lambda: Things("item"))
    documents: Things[Document] = field(default_factory=lambda: Things("document"))
    motions: Things[Motion] = field(default_factory=lambda: Things("motion"))
    ballots: Things[Ballot] = field(default_factory=lambda: Things("ballot"))
    elections: Things[Election] = field(default_factory=lambda: Things("election"))
    tasks: Things[Task] = field(default_factory=lambda: Things("task"))
    plans: list[AdoptedPlan] = field(default_factory=list)
    #: Ids of things whose making was taken back: they are not given out again.
    retired: set[str] = field(default_factory=set)
    #: Credentials by body, the credential that someone holds in a body, and the amendments to a motion.
    by_body: dict[str, dict[str, Credential]] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    amendments: dict[str, list[str]] = field(default_factory=dict)
    #: What was computed, until something under it changes.
    _rolls: dict[str, tuple[dict[str, int], str]] = field(default_factory=dict)
    _members: dict[str, int] = field(default_factory=dict)
    _present: dict[str, int] = field(default_factory=dict)

    @property
    def rulebook(self) -> Rules:
        """The rules of the statute in force.

        Raises
        ------
        BadInput
            Before the congress is founded.
        """
        if self.rules is None:
            raise BadInput(
                "this ledger holds no congress yet",
                expected="an event congress.founded",
                mend="found it: `Congress.create`",
            )
        return self.rules

    def roll(self, body: str) -> tuple[dict[str, int], str]:
        """Who may vote in a body (accredited, by credential, with weights), and the hash of that."""
        if body not in self._rolls:
            voters = {c.id: c.weight for c in self.by_body.get(body, {}).values() if self._may_vote(c)}
            self._rolls[body] = (voters, digest(voters))
        return self._rolls[body]

    def _may_vote(self, credential: Credential) -> bool:
        acts = credential.mandate is None or self.mandates[credential.mandate].status == "active"
        return acts and credential.status == "accredited"

    def changed_roll(self, body: str) -> None:
        """Forget what was computed of a body: a credential or a mandate has changed."""
        self._rolls.pop(body, None)
        self._members.pop(body, None)
        self._present.clear()

    def changed_presence(self, session: str) -> None:
        """Forget how many were present: someone came or went, or a proxy changed."""
        self._present.pop(session, None)

    def members(self, body: str) -> int:
        """Weight of all members, whether or not they came: credentials issued and not revoked; in a body elected here,
        the mandates that are active.
        """
        if body not in self._members:
            valid = [c for c in self.by_body.get(body, {}).values() if c.status != "revoked"]
            weights = {c.mandate or c.id: c.weight for c in valid}
            if self.bodies[body].election is not None:
                active = [m.id for m in self.mandates.values() if m.body == body and m.status == "active"]
                weights = {m: weights.get(m, 1) for m in active}
            self._members[body] = sum(weights.values())
        return self._members[body]

    def present(self, session: Session) -> int:
        """Weight of those on the roll who are present, or represented by someone present if the statute counts that."""
        if session.id not in self._present:
            roll, _ = self.roll(session.body)
            here = session.present & roll.keys()
            if self.rulebook.proxies.count_for_quorum:
                here = here | {
                    p.giver for p in self.proxies if p.session == session.id and p.holder in here and p.giver in roll
                }
            self._present[session.id] = sum(roll[c] for c in here)
        return self._present[session.id]

    def proxy_of(self, session: str, giver: str) -> Proxy | None:
        """The proxy that a credential has given for a session."""
        return next((p for p in self.proxies if p.session == session and p.giver == giver), None)

    def whole(self, motion: Motion) -> Motion:
        """The main motion: the one that an amendment is to, else the motion itself."""
        return self.motions[motion.parent] if motion.parent else motion

    def document_of(self, motion: Motion) -> Document:
        """The document that a motion, or the one that an amendment is to, is on; only for motions that are on one."""
        return self.documents[self.whole(motion).document or ""]

    def on_plan(self, motion: Motion) -> bool:
        """Whether a motion, or the one that an amendment is to, is on a plan."""
        return self.whole(motion).document is not None and self.document_of(motion).kind == "plan"

    def open_ballots(self, session: str | None = None) -> list[Ballot]:
        """Ballots that are open, of one session or of all."""
        return [b for b in self.ballots.values() if b.status == "open" and session in (None, b.session)]

    def seated(self, body: str) -> list[Mandate]:
        """Mandates of a body that are elected or active."""
        return [m for m in self.mandates.values() if m.body == body and m.status in ("elected", "active")]

    def sits(self, person: str, body: str) -> bool:
        """Whether someone sits in a body: by an active mandate, or by a credential where credentials say."""
        if any(m.person == person and m.status == "active" for m in self.seated(body)):
            return True
        held = self.held.get((body, person))
        return held is not None and self.credentials[held].mandate is None

    def vacancies(self, body: str) -> int:
        """Seats of a body that no one holds."""
        return (self.bodies[body].seats or 0) - len(self.seated(body))

    def check_unused(self, things: Things[Any], name: str) -> None:
        """Refuse an id that is taken, or was, by a thing that was taken back."""
        if name in things or name in self.retired:
            raise Refused(
                f"there is already a {things.noun} {name!r}",
                expected="an id of its own",
                mend="choose another id, or leave it out",
            )

    def new_id(self, prefix: str, things: Mapping[str, object]) -> str:
        """The next free id of a kind of thing: `motion-12`."""
        number = len(things) + 1
        while (name := f"{prefix}-{number}") in things or name in self.retired:
            number += 1
        return name
