"""Motions and amendments: drafted, brought to debate, put in order, solved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lustrum.congress.acts.topic import Topic
from lustrum.congress.canonical import digest
from lustrum.congress.documents import Operation, Version, draft_of
from lustrum.congress.events.motions import (
    ConsequencesAttached,
    MotionCarried,
    MotionDrafted,
    MotionMoved,
    OrderFixed,
)
from lustrum.congress.state import ordering, outcomes, rulebook
from lustrum.congress.state.state import find
from lustrum.errors import Refused

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy


class Motions(Topic):
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
            made = motion or state.new_id("motion", state.motions)
            base, kind = None, "motion"
            if document is not None:
                paper = find(state.papers, document, "document")
                base, kind = paper.current.hash, rulebook.decision_on(paper.kind, False)
            if recalls is not None:
                kind = state.bodies[find(state.mandates, recalls, "mandate").body].recall or kind
            act.do(
                MotionDrafted,
                motion=made,
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
            return made

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
            main = find(state.motions, parent, "motion")
            if main.document is None:
                raise Refused(f"motion {main.id} is on no document", mend="amend a motion on a document")
            made = motion or state.new_id("motion", state.motions)
            words = title or f"{str(change.get('op', '')).replace('_', ' ')} {change.get('unit', '')}"[:200]
            act.do(
                MotionDrafted,
                motion=made,
                session=main.session,
                title=words,
                text=text,
                proposer=proposer,
                supporters=list(supporters),
                parent=parent,
                decision=rulebook.decision_on(state.papers[main.document].kind, True),
                change={"operation": change, "reach": reach, "amends": amends},
            )
            return made

    def draft_text(self, amendment: str) -> Version:
        """Return the draft of an amendment, on which amendments to it are written."""
        found = find(self._state.motions, amendment, "motion")
        if found.amendment is None:
            raise Refused(f"motion {amendment} is no amendment")
        return draft_of(amendment, found.amendment.proposed)

    def submit(self, *motions: str) -> None:
        """Submit: mover and supporters are checked, and that nothing it names has changed."""
        self._move(motions, "submit")

    def admit(self, *motions: str) -> None:
        """Admit to the agenda."""
        self._move(motions, "admit")

    def debate(self, *motions: str) -> None:
        """Open the debate."""
        self._move(motions, "debate")

    def withdraw(self, motion: str, note: str = "") -> None:
        """Record that the mover withdrew it; amendments to it fall."""
        self._move((motion,), "withdraw", note)

    def refer(self, motion: str, note: str = "") -> None:
        """Refer it to a body."""
        self._move((motion,), "refer", note)

    def adjourn(self, motion: str, note: str = "") -> None:
        """Put it off."""
        self._move((motion,), "adjourn", note)

    def resume(self, *motions: str) -> None:
        """Take up again what was referred, adjourned, or met no quorum."""
        self._move(motions, "resume")

    def carry(self, motion: str, session: str) -> None:
        """Take it over into another session of the same body, with the amendments to it that are not settled."""
        with self._acting() as act:
            act.do(MotionCarried, motion=motion, session=session)

    def fix_order(
        self, motion: str, *, incompatible: Iterable[tuple[str, str]] = (), economy: Economy | None = None
    ) -> list[str]:
        """Log the order of voting on the amendments to a motion, before the first vote; return it.

        Parameters
        ----------
        incompatible
            Pairs that exclude each other for what they mean; those that change the same thing do anyway.
        economy
            For a plan, its accounts: pairs of amendments that set the same limit are found and added.
        """
        pairs = [list(pair) for pair in incompatible]
        if economy is not None:
            pairs += self._clashes(motion, economy)
        with self._acting() as act:
            main = find(act.state.motions, motion, "motion")
            if main.document is None:
                raise Refused(f"motion {motion} is on no document", mend="only amendments to a document have an order")
            order = [s.motion for s in ordering.order_of(act.state, main).steps][:-1]
            act.do(OrderFixed, motion=motion, order=order, incompatible=pairs)
            return order

    def to_solve(self, motion: str) -> tuple[Version, list[Operation]]:
        """Return the plan's version and the operations whose consequences a motion needs before its vote."""
        state = self._state
        found = find(state.motions, motion, "motion")
        outcomes.what_is_solved(state, found)
        main = state.motions[found.parent] if found.parent else found
        return state.papers[main.document or ""].current.version, outcomes.operations_of(state, found)

    def solve(self, motion: str, economy: Economy, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
        """Solve a change of the plan and attach what it costs, who pays, and whether it is feasible; return that.

        Solving takes seconds to minutes; the ledger is held only while the result is entered.
        """
        from lustrum.congress.plan_change import consequences, plan_of

        version, operations = self.to_solve(motion)
        result = consequences(economy, plan_of(version), None, operations, document=version.document, progress=progress)
        self.attach(motion, result)
        return result

    def attach(self, motion: str, result: dict[str, Any]) -> str:
        """Attach what a change of the plan costs and who pays, as it was solved; return its hash."""
        with self._acting() as act:
            base, operations = outcomes.what_is_solved(act.state, find(act.state.motions, motion, "motion"))
            act.do(
                ConsequencesAttached,
                motion=motion,
                base=base,
                operations_hash=operations,
                result=result,
                result_hash=digest(result),
            )
            return digest(result)

    def _clashes(self, motion: str, economy: Economy) -> list[list[str]]:
        from lustrum.congress.plan_change import clashes

        state = self._state
        main = find(state.motions, motion, "motion")
        changes = {p.id: [p.operation] for p in ordering.standing(state, main) if p.amends is None}
        version = state.papers[main.document or ""].current.version
        return [[c["one"], c["other"]] for c in clashes(economy, version, changes)]

    def _move(self, motions: Iterable[str], step: str, note: str = "") -> None:
        with self._acting() as act:
            for motion in motions:
                act.do(MotionMoved, motion=motion, step=step, note=note)
