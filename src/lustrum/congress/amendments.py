"""Amendments to a document: in which order they are voted, and which exclude each other (rule 6); whether one was
written for an older version (rule 5); and, for a plan, what they cost (rule 7).

The order itself is computed in `documents/amending.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from lustrum.congress.canonical import digest
from lustrum.congress.documents import (
    Operation,
    Proposal,
    Version,
    amend_draft,
    apply_all,
    check,
    draft_of,
    moot,
    voting_order,
)
from lustrum.congress.entities import ENDED, SETTLED, Amendment, Consequences, Motion, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Topic, kind
from lustrum.errors import BadInput, Refused

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy

_WAITING = ("admitted", "debate", "voting")


def amendments_to(state: State, main: Motion) -> list[Motion]:
    """All amendments to a motion, also those to other amendments, in the order in which they were drafted."""
    return [state.motions[m] for m in state.amendments.get(main.id, [])]


def change_of(motion: Motion) -> Amendment:
    """What an amendment changes; only for motions that are one."""
    assert motion.amendment is not None
    return motion.amendment


def voting_has_begun(state: State, main: Motion) -> bool:
    """Whether a ballot on an amendment to this motion, or on itself, was opened and not voided."""
    ballots = [b for m in (main, *amendments_to(state, main)) for b in m.ballots]
    return any(state.ballots[b].status not in ("draft", "void") for b in ballots)


def proposal_of(motion: Motion) -> Proposal:
    """An amendment in the form that `voting_order` and `moot` take."""
    change = change_of(motion)
    return Proposal(motion.id, change.operation, change.reach, change.amends)


def voting_order_of(state: State, main: Motion) -> list[str]:
    """The order of voting on the amendments to a motion that are admitted, by their ids."""
    return voting_order(awaiting_vote(state, main), state.document_of(main).newest.version)


def awaiting_vote(state: State, main: Motion) -> list[Proposal]:
    """The amendments to a motion that wait for their vote, in the order in which they came."""
    return [proposal_of(m) for m in amendments_to(state, main) if m.status in _WAITING]


def mooted_by(state: State, passed: Motion) -> dict[str, str]:
    """The amendments that are moot once one passes, each with the reason: they change the same thing, or were declared
    incompatible when the order was fixed.
    """
    main = state.motions[passed.parent or ""]
    waiting = [m for m in amendments_to(state, main) if m.status not in ENDED and m.id != passed.id]
    out = moot(proposal_of(passed), [proposal_of(m) for m in waiting])
    declared = {b for pair in main.incompatible for b in pair if passed.id in pair}
    for m in waiting:
        if m.id in declared:
            out.setdefault(m.id, f"{passed.id} passed: declared incompatible when the order was fixed")
    for m in waiting:
        if change_of(m).amends in out:
            out.setdefault(m.id, f"{change_of(m).amends}, which it amends, is moot")
    return dict(sorted(out.items()))


def passed_operations(state: State, main: Motion) -> list[Operation]:
    """The operations of the amendments that were adopted, each as other amendments have changed it."""
    adopted = [change_of(m) for m in amendments_to(state, main) if m.status == "adopted"]
    return [c.operation for c in adopted if c.amends is None]


def as_amended(state: State, main: Motion) -> Version:
    """The document of a motion after all amendments that were adopted, and nothing else."""
    return apply_all(state.document_of(main).newest.version, passed_operations(state, main))


def redrafted(state: State, amended: Motion, also: Motion) -> Operation:
    """The operation of an amendment once `also` passes, an amendment to it, beside those that passed before."""
    main = state.motions[amended.parent or ""]
    earlier = [
        change_of(m).operation
        for m in amendments_to(state, main)
        if change_of(m).amends == amended.id and m.status == "adopted"
    ]
    return amend_draft(amended.id, change_of(amended).proposed, [*earlier, change_of(also).operation])


def check_fresh(state: State, main: Motion, operation: Operation, amends: str | None) -> None:
    """Refuse an amendment that was written for another version of the document or unit: it must be rebased.

    Raises
    ------
    Stale, DocumentError
        With both hashes.
    Refused
        If it amends an amendment that is settled, or one that amends another (one level).
    """
    if amends is None:
        check(state.document_of(main).newest.version, operation)
        return
    amended = state.motions.find(amends)
    if amended.parent != main.id or amended.amendment is None or amended.amendment.amends is not None:
        raise Refused(
            "amendments to amendments go one level deep",
            found=amended.id,
            expected=f"an amendment to the document of {main.id} itself",
            mend="amend the amendment above it",
        )
    if amended.status in SETTLED:
        raise Refused(f"amendment {amended.id} is settled", found=amended.status, mend="move a motion of its own")
    check(draft_of(amended.id, amended.amendment.proposed), operation)


def check_turn(state: State, motion: Motion) -> None:
    """Refuse a vote before the order is logged, before its turn, or on the whole before the amendments.

    Raises
    ------
    Refused
        Naming what must be voted first.
    """
    main = state.whole(motion)
    waits = [p.id for p in awaiting_vote(state, main)]
    if motion is main:
        if waits:
            raise Refused(
                f"amendments to {main.id} are to be voted first",
                found=", ".join(waits),
                expected="the whole as amended, last",
                mend="vote on them, in the logged order",
            )
        return
    if main.order is None or motion.id not in main.order:
        raise Refused(
            "the order of voting is logged before the first vote",
            where=motion.id,
            expected=f"an order of the amendments to {main.id} that holds it",
            mend="fix the order",
        )
    before = main.order[: main.order.index(motion.id)]
    if waiting := [m for m in before if state.motions[m].status not in SETTLED]:
        raise Refused(
            "it is not its turn",
            where=motion.id,
            found=f"before it come {', '.join(waiting)}",
            mend="vote in the logged order",
        )
    if missing := [m for m in waits if m not in main.order]:
        raise Refused("the logged order is not of all amendments", found=", ".join(missing), mend="fix the order again")


def what_is_solved(state: State, motion: Motion) -> tuple[str, str]:
    """The version of the plan and the hash of the operations whose consequences a motion needs.

    Raises
    ------
    Refused
        If the motion is not on a plan.
    """
    if not state.on_plan(motion):
        raise Refused(f"motion {motion.id} changes no plan", mend="only amendments to a plan are solved")
    return state.document_of(motion).newest.hash, digest([o.to_json() for o in operations_of(state, motion)])


def operations_of(state: State, motion: Motion) -> list[Operation]:
    """What a motion would do to its document: an amendment its own change, the main motion all changes that passed."""
    change = motion.amendment
    if change is None:
        return passed_operations(state, motion)
    if change.amends is None:
        return [change.operation]
    return [redrafted(state, state.motions[change.amends], motion)]


def check_consequences(state: State, motion: Motion, result: Mapping[str, Any]) -> None:
    """Require that consequences are those of this change of this plan on its accounts, and say if it is feasible.

    Raises
    ------
    BadInput
        If they are not.
    """
    document = state.document_of(motion)
    done = [{k: v for k, v in o.items() if k != "words"} for o in result.get("operations", [])]
    wanted = [o.to_json() for o in operations_of(state, motion)]
    if result.get("version", {}).get("before") != document.newest.hash or digest(done) != digest(wanted):
        raise BadInput(
            "consequences of another change than this one",
            where=motion.id,
            found=done,
            expected=str(wanted),
            mend="solve this one",
        )
    if document.economy and result.get("economy") != document.economy:
        raise BadInput(
            "consequences on other accounts than those the plan was filed with",
            where=motion.id,
            found=result.get("economy"),
            expected=document.economy,
        )
    if not isinstance(result.get("feasible"), bool):
        raise BadInput("consequences say whether a plan is feasible at all", expected="feasible: true or false")


@kind("order.fixed/1")
class OrderFixed(Step):
    """The order of voting on the amendments to a motion, and which of them are declared to exclude each other.

    Those that exclude each other by what they change need no declaration.
    """

    motion: Id
    order: list[Id] = Field(min_length=1)
    incompatible: list[tuple[Id, Id]] = Field(default_factory=list)

    def check(self, state: State, now: Now) -> None:
        main = state.motions.find(self.motion)
        if main.document is None:
            raise Refused(f"motion {main.id} is on no document", expected="a motion that has amendments")
        if voting_has_begun(state, main):
            raise Refused(
                f"voting on the amendments to {main.id} has begun", expected="the order before the first vote"
            )
        expected = voting_order_of(state, main)
        must_be(
            ", ".join(self.order),
            ", ".join(expected) or "amendments that are admitted",
            "not the order of voting",
            mend="amendments to amendments first, then by unit, the furthest-reaching first",
        )
        for a, b in self.incompatible:
            if a == b or a not in expected or b not in expected:
                raise Refused(
                    "two amendments of the order exclude each other",
                    found=f"{a} and {b}",
                    expected="two of the order",
                    mend="name them as they stand in the order",
                )

    def apply(self, state: State, now: Now) -> None:
        main = state.motions[self.motion]
        main.order, main.incompatible = list(self.order), list(self.incompatible)


@kind("consequences.attached/1")
class ConsequencesAttached(Step):
    """What an amendment to the plan costs and who pays, solved before its vote (rule 7). Attached to the main motion,
    it is what all amendments that passed cost together.
    """

    motion: Id
    base: Hash
    operations_hash: Hash
    result: dict[str, Any]
    result_hash: Hash

    def check(self, state: State, now: Now) -> None:
        motion = state.motions.find(self.motion).must(("draft", "submitted", "admitted", "debate"), "take consequences")
        base, operations = what_is_solved(state, motion)
        must_be(self.result_hash, digest(self.result), "the consequences are not what their hash says")
        if (self.base, self.operations_hash) != (base, operations):
            raise Refused(f"consequences of something else than {motion.id} as it stands", mend="solve it again")
        check_consequences(state, motion, self.result)

    def apply(self, state: State, now: Now) -> None:
        found = Consequences(self.result_hash, self.base, self.operations_hash, self.result)
        state.motions[self.motion].consequences = found


class Amendments(Topic):
    """What is done with amendments once they are drafted: amended, put in order, solved."""

    def draft_text(self, amendment: str) -> Version:
        """Return the draft of an amendment, on which amendments to it are written."""
        found = self._state.motions.find(amendment)
        if found.amendment is None:
            raise Refused(f"motion {amendment} is no amendment")
        return draft_of(amendment, found.amendment.proposed)

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
            main = act.state.motions.find(motion)
            if main.document is None:
                raise Refused(f"motion {motion} is on no document", mend="only amendments to a document have an order")
            order = voting_order_of(act.state, main)
            act.do(OrderFixed, motion=motion, order=order, incompatible=pairs)
            return order

    def to_solve(self, motion: str) -> tuple[Version, list[Operation]]:
        """Return the plan's version and the operations whose consequences a motion needs before its vote."""
        state = self._state
        found = state.motions.find(motion)
        what_is_solved(state, found)
        return state.document_of(found).newest.version, operations_of(state, found)

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
            base, operations = what_is_solved(act.state, act.state.motions.find(motion))
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
        main = state.motions.find(motion)
        changes = {p.id: [p.operation] for p in awaiting_vote(state, main) if p.amends is None}
        version = state.document_of(main).newest.version
        return [[c["one"], c["other"]] for c in clashes(economy, version, changes)]
