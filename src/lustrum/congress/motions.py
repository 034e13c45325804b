"""Motions on their way to a ballot, amendments among them. What a ballot makes of them is in `outcomes.py`.

Rule 5: an amendment names the hashes of the version and the unit it changes. Rule 6: the order of voting is logged
before the first vote. Rule 7: an amendment to a plan carries its consequences before its ballot can open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from lustrum.congress.amendments import (
    Amendments,
    amendments_to,
    change_of,
    check_fresh,
    voting_has_begun,
)
from lustrum.congress.documents import Operation, operation_from_json
from lustrum.congress.entities import ENDED, NOT_CLOSED, Amendment, Motion, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Text, kind
from lustrum.errors import BadInput, Refused

if TYPE_CHECKING:
    pass


#: Kind of document -> kind of decision on the whole, and on an amendment to it.
_ON_DOCUMENTS = {
    "plan": ("adoption", "plan_amendment"),
    "statute": ("statute_amendment", "statute_amendment"),
    "report": ("report", "amendment"),
    "other": ("motion", "amendment"),
}


def decision_on(document: str, amendment: bool) -> str:
    """The kind of decision for motions on a kind of document, or for amendments to it."""
    return _ON_DOCUMENTS[document][amendment]


#: Step of a motion -> from which states, to which.
_WALK = {
    "submit": (("draft",), "submitted"),
    "admit": (("submitted",), "admitted"),
    "debate": (("admitted",), "debate"),
    "withdraw": (("draft", "submitted", "admitted", "debate"), "withdrawn"),
    "refer": (("admitted", "debate"), "referred"),
    "adjourn": (("admitted", "debate"), "adjourned"),
    "resume": (("referred", "adjourned", "no_quorum"), "debate"),
}


class Change(BaseModel):
    """What an amendment changes: an operation with its hashes; on the draft of another amendment if it `amends` one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    operation: dict[str, Any]
    reach: int = Field(0, ge=0, le=1_000_000, description="further-reaching ones are voted first")
    amends: Id | None = None

    @property
    def read(self) -> Operation:
        """The operation, checked for its form."""
        return operation_from_json(self.operation)


@kind("motion.drafted/1", makes="motion")
class MotionDrafted(Step):
    """A motion, or with `change` an amendment to the document of its parent, or to another amendment (one level)."""

    motion: Id
    session: Id
    title: Text
    text: str = Field("", max_length=200_000)
    proposer: Id = Field(description="credential of the mover, or the body that moves")
    supporters: list[Id] = Field(default_factory=list)
    decision: Id
    document: Id | None = None
    base: Hash | None = None
    parent: Id | None = None
    recalls: Id | None = None
    item: Id | None = None
    change: Change | None = None

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.motions, self.motion)
        session = state.sessions.find(self.session).must(NOT_CLOSED, "take a motion")
        state.rulebook.decision_rule(self.decision)
        if self.item is not None:
            state.items.find(self.item)
        if self.recalls is not None:
            self._check_recall(state, session.body)
        if self.change is None:
            self._check_whole(state)
        else:
            self._check_amendment(state, self.change)

    def _check_whole(self, state: State) -> None:
        if self.parent is not None:
            raise BadInput("a motion with a parent is an amendment", expected="what it changes", mend="give the change")
        if self.document is None:
            return
        document = state.documents.find(self.document)
        must_be(
            self.base,
            document.newest.hash,
            f"the motion is on another version of {document.id}",
            mend="name the version that stands",
        )
        _ruled_by(self.decision, decision_on(document.kind, False), f"a motion on a {document.kind}")

    def _check_recall(self, state: State, body: str) -> None:
        mandate = state.mandates.find(self.recalls or "").must(("elected", "active"), "be recalled")
        seat = state.bodies[mandate.body]
        if seat.recall is None or seat.elected_by != body:
            raise Refused(
                f"{body} does not recall members of {seat.id}",
                expected=f"a session of {seat.elected_by}" if seat.recall else "a statute that allows recall",
                mend="the body that elected may recall, where the statute says so",
            )
        _ruled_by(self.decision, seat.recall, "a recall")

    def _check_amendment(self, state: State, change: Change) -> None:
        main = state.motions.find(self.parent or "")
        if main.document is None or main.amendment is not None:
            raise Refused(
                "an amendment belongs to a motion on a document",
                found=f"parent {main.id}",
                expected="the motion on the whole",
                mend="name that motion as parent",
            )
        if self.document is not None or self.recalls is not None or self.base is not None:
            raise BadInput("an amendment changes the document of its parent and does nothing else")
        main.must(
            ("draft", "submitted", "admitted", "debate", "adjourned", "no_quorum"),
            "be amended",
        )
        if voting_has_begun(state, main):
            raise Refused(
                f"voting on the amendments to {main.id} has begun", expected="amendments before the first vote"
            )
        kind = decision_on(state.documents[main.document].kind, True)
        _ruled_by(self.decision, kind, f"an amendment to a {state.documents[main.document].kind}")
        check_fresh(state, main, change.read, change.amends)

    def apply(self, state: State, now: Now) -> None:
        c = self.change
        change = Amendment(c.read, c.read, c.reach, c.amends) if c else None
        if self.parent is not None:
            state.amendments.setdefault(self.parent, []).append(self.motion)
        state.motions[self.motion] = Motion(
            self.motion,
            self.session,
            self.title,
            self.text,
            self.proposer,
            self.decision,
            self.document,
            self.parent,
            self.recalls,
            self.item,
            change,
            base=self.base,
            supporters=list(self.supporters),
        )


@kind("motion.moved/1")
class MotionMoved(Step):
    """A motion is submitted, admitted, debated, withdrawn, referred, adjourned or resumed: all but decided."""

    motion: Id
    step: str = Field(pattern="^(submit|admit|debate|withdraw|refer|adjourn|resume)$")
    note: str = Field("", max_length=20_000)

    def check(self, state: State, now: Now) -> None:
        motion = state.motions.find(self.motion).must(_WALK[self.step][0], self.step)
        if self.step in ("debate", "resume"):
            state.sessions[motion.session].must(("open",), "debate")
        if self.step == "submit":
            _check_movers(state, motion)
        if motion.amendment is not None:
            main = state.whole(motion)
            if self.step == "submit":
                check_fresh(state, main, motion.amendment.operation, motion.amendment.amends)
            late = self.step == "admit" or (self.step == "resume" and motion.id not in (main.order or []))
            if late and voting_has_begun(state, main):
                raise Refused(
                    f"voting on the amendments to {motion.parent} has begun",
                    expected="amendments before the first vote",
                )

    def apply(self, state: State, now: Now) -> None:
        state.motions[self.motion].status = _WALK[self.step][1]
        if self.step == "withdraw":
            _fall_with(state, self.motion)


@kind("motion.carried/1")
class MotionCarried(Step):
    """A motion that was referred, adjourned or met no quorum goes to another session, and its amendments with it."""

    motion: Id
    session: Id

    def check(self, state: State, now: Now) -> None:
        motion = state.motions.find(self.motion).must(("referred", "adjourned", "no_quorum"), "be carried over")
        session = state.sessions.find(self.session).must(("convened", "accrediting", "open"), "take a motion")
        must_be(session.body, state.sessions[motion.session].body, "a motion stays with its body")

    def apply(self, state: State, now: Now) -> None:
        main = state.motions[self.motion]
        for motion in (main, *amendments_to(state, main)):
            if motion.status not in ENDED:
                motion.session = self.session


def _fall_with(state: State, withdrawn: str) -> None:
    """With a motion fall the amendments to it, and those to an amendment with that one."""
    motion = state.motions[withdrawn]
    main = state.whole(motion)
    for m in amendments_to(state, main):
        if withdrawn in (m.parent, change_of(m).amends) and m.status not in ENDED:
            m.status, m.made_moot_by = "moot", withdrawn


def _ruled_by(found: str, expected: str | None, what: str) -> None:
    must_be(found, expected, f"{what} is decided by its own rule", mend=f"make it a decision of kind {expected}")


def _check_movers(state: State, motion: Motion) -> None:
    """Refuse a motion of one who may not move it, or without enough supporters. A body that moves needs none."""
    rule = state.rulebook.decision_rule(motion.decision).moved_by
    if motion.proposer in rule.bodies:
        return
    rolls = [state.roll(body)[0] for body in rule.bodies]
    if not any(motion.proposer in roll for roll in rolls):
        raise Refused(
            f"{motion.proposer} may not move this",
            where=motion.id,
            expected=f"an accredited member of {' or '.join(rule.bodies)}, or one of these bodies",
            mend="let one of them move it",
        )
    support = {s for s in motion.supporters if s != motion.proposer and any(s in roll for roll in rolls)}
    if len(support) < rule.supporters:
        raise Refused(
            "too few supporters",
            where=motion.id,
            found=len(support),
            expected=f"{rule.supporters} accredited members besides the mover",
            mend="name those who support it",
        )


class Motions(Amendments):
    """What is moved."""

    def draft(
        self,
        session: str,
        title: str,
        *,
        proposer: str,
        text: str = "",
        supporters: Sequence[str] = (),
        decision: str | None = None,
        document: str | None = None,
        recalls: str | None = None,
        item: str | None = None,
        motion: str | None = None,
    ) -> str:
        """Draft a motion; return its id.

        Parameters
        ----------
        proposer
            Credential of the mover, or the body that moves.
        document
            What the motion is to adopt, as amended: a plan, the statute, a report.
        recalls
            A mandate that the motion would end.
        decision
            Kind of decision; left out, it is the one for the kind of document, or `motion`.
        """
        with self._acting() as act:
            state = act.state
            base, kind = None, "motion"
            if document is not None:
                found = state.documents.find(document)
                base, kind = found.newest.hash, decision_on(found.kind, False)
            if recalls is not None:
                kind = state.bodies[state.mandates.find(recalls).body].recall or kind
            return act.make(
                MotionDrafted,
                motion,
                state.motions,
                session=session,
                title=title,
                text=text,
                proposer=proposer,
                supporters=list(supporters),
                decision=decision or kind,
                document=document,
                base=base,
                recalls=recalls,
                item=item,
            )

    def amend(
        self,
        parent: str,
        operation: Operation | dict[str, Any],
        *,
        proposer: str,
        title: str = "",
        text: str = "",
        supporters: Sequence[str] = (),
        reach: int = 0,
        amends: str | None = None,
        motion: str | None = None,
    ) -> str:
        """Draft an amendment to the document of a motion; return its id.

        Parameters
        ----------
        operation
            One typed operation that names version and unit by hash; on `draft_text(amends)` to amend another amendment.
        reach
            How far it goes, as declared: the largest is voted first.
        """
        change = operation if isinstance(operation, dict) else operation.to_json()
        with self._acting() as act:
            state = act.state
            main = state.motions.find(parent)
            if main.document is None:
                raise Refused(f"motion {main.id} is on no document", mend="amend a motion on a document")
            words = title or f"{str(change.get('op', '')).replace('_', ' ')} {change.get('unit', '')}"[:200]
            return act.make(
                MotionDrafted,
                motion,
                state.motions,
                session=main.session,
                title=words,
                text=text,
                proposer=proposer,
                supporters=list(supporters),
                parent=parent,
                decision=decision_on(state.documents[main.document].kind, True),
                change={"operation": change, "reach": reach, "amends": amends},
            )

    def submit(self, *motions: str) -> None:
        """Submit: mover and supporters are checked, and that nothing it names has changed."""
        self._each(MotionMoved, "motion", motions, step="submit")

    def admit(self, *motions: str) -> None:
        """Admit to the agenda."""
        self._each(MotionMoved, "motion", motions, step="admit")

    def debate(self, *motions: str) -> None:
        """Open the debate."""
        self._each(MotionMoved, "motion", motions, step="debate")

    def withdraw(self, motion: str, note: str = "") -> None:
        """Record that the mover withdrew it; amendments to it fall."""
        self._do(MotionMoved, motion=motion, step="withdraw", note=note)

    def refer(self, motion: str, note: str = "") -> None:
        """Refer it to a body."""
        self._do(MotionMoved, motion=motion, step="refer", note=note)

    def adjourn(self, motion: str, note: str = "") -> None:
        """Put it off."""
        self._do(MotionMoved, motion=motion, step="adjourn", note=note)

    def resume(self, *motions: str) -> None:
        """Take up again what was referred, adjourned, or met no quorum."""
        self._each(MotionMoved, "motion", motions, step="resume")

    def carry(self, motion: str, session: str) -> None:
        """Take it over into another session of the same body, with the amendments to it that are not settled."""
        self._do(MotionCarried, motion=motion, session=session)
