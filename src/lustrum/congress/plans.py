"""Adopting a plan: the plan as amended is solved again, certified and saved, and its hashes enter the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lustrum.congress.canonical import digest_of
from lustrum.congress.documents import DocumentVersion, Version
from lustrum.congress.entities import AdoptedPlan, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Hash, Id, Now, Step, Text, Topic, kind
from lustrum.errors import NotVerified, Refused

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy
    from lustrum.planning.spec import PlanSpec


@kind("plan.adopted/1", reversible=False)
class PlanAdopted(Step):
    """The plan that the adopted version of a plan file says: solved again, certified, saved, and known by its seals."""

    motion: Id
    paper: Id
    version: Hash
    plan_id: Text
    certificate_hash: Hash
    plan_file_hash: Hash
    economy_digest: Text
    objective: float

    def check(self, state: State, now: Now) -> None:
        motion = state.motions.find(self.motion).must(("adopted",), "give a plan", "certify its ballot first")
        document = state.documents.find(self.paper)
        if document.kind != "plan" or motion.document != document.id:
            raise Refused(f"motion {motion.id} adopts no plan {document.id}", found=motion.document)
        adopted = next((v.hash for v in document.versions if v.motion == motion.id), None)
        must_be(self.version, adopted, "not the version that was adopted")
        if document.economy and document.economy != self.economy_digest:
            raise Refused(
                "the plan was solved on other accounts than the paper was filed with",
                found=self.economy_digest,
                expected=document.economy,
                mend="plan on the same accounts",
            )
        if any(p.motion == motion.id for p in state.plans):
            raise Refused(f"the plan of motion {motion.id} is adopted already", expected="one plan for a motion")

    def apply(self, state: State, now: Now) -> None:
        state.plans.append(AdoptedPlan(**self.model_dump(), height=now.height))


def sealed(folder: str | Path, version: Version) -> dict[str, Any]:
    """Prove a plan's folder and that it is the plan that a version says; return its seals as the event keeps them.

    The certificate's hash seals every file in the folder.

    Raises
    ------
    NotVerified
        If it does not prove itself.
    Refused
        If it is another plan.
    """
    from lustrum.congress.plan_change import plan_of
    from lustrum.workspace import load_plan, verify
    from lustrum.workspace.plans import read_certificate

    root = Path(folder)
    read_certificate(root)
    proof = verify(root)
    if not proof.ok:
        raise NotVerified(f"{folder}: the plan does not prove itself\n  " + "\n  ".join(proof.problems[:5]))
    loaded = load_plan(root)
    if loaded.spec != plan_of(version):
        raise Refused(
            "this is not the plan that was adopted",
            where=str(folder),
            expected="what the motion and its amendments say",
            mend="solve that one",
        )
    return {
        "plan_id": root.name,
        "certificate_hash": digest_of((root / "certificate.json").read_bytes()),
        "plan_file_hash": digest_of((root / "lustrum.yaml").read_bytes()),
        "economy_digest": loaded.economy.digest,
        "objective": loaded.objective,
    }


def check_adopted(adopted: AdoptedPlan, folder: str | Path, version: Version) -> None:
    """Require that a folder holds the plan that was adopted, untouched.

    Raises
    ------
    NotVerified, Refused
        If it does not prove itself, is another plan, or its seals are not those in the ledger.
    """
    found = sealed(folder, version)
    if any(found[key] != getattr(adopted, key) for key in ("certificate_hash", "plan_file_hash")):
        raise NotVerified(
            f"{folder}: another plan than the one adopted as {adopted.plan_id}\n"
            f"  found:    a certificate with the hash {found['certificate_hash']}\n"
            f"  expected: {adopted.certificate_hash}"
        )


class Plans(Topic):
    """Plans that the congress adopts."""

    def spec(self, motion: str) -> PlanSpec:
        """Return the plan file that an adopted motion on a plan says: exactly what its amendments say."""
        from lustrum.congress.plan_change import plan_of

        return plan_of(adopted_version(self._state, motion).version)

    def adopt(self, motion: str, economy: Economy, plans: str | Path) -> AdoptedPlan:
        """Solve the plan that was adopted, save it in the folder `plans`, and enter its seals into the ledger.

        Raises
        ------
        Refused
            If the motion is not adopted, or the accounts are others than those the plan was filed with.
        Infeasible
            If what was adopted can be met by no plan.
        NotVerified
            If the saved plan does not prove itself.
        """
        from lustrum.congress.plan_change import plan_of
        from lustrum.solving.solve import solve_plan
        from lustrum.workspace import save_plan

        version = adopted_version(self._state, motion).version
        document = self._state.documents[version.document]
        must_be(
            economy.digest,
            document.economy,
            "the plan was filed on other accounts",
            document.id,
            "plan on the accounts it was filed with",
        )
        return self.enter(motion, save_plan(solve_plan(economy, plan_of(version)), plans))

    def enter(self, motion: str, folder: str | Path) -> AdoptedPlan:
        """Enter a solved plan, saved in `folder`, as the one that a motion adopted, once it has proven itself.

        Raises
        ------
        Refused
            If it is not the plan that was adopted.
        NotVerified
            If it does not prove itself.
        """
        version = adopted_version(self._state, motion)
        seals = sealed(folder, version.version)
        with self._acting() as act:
            act.do(PlanAdopted, motion=motion, paper=version.version.document, version=version.hash, **seals)
            return act.state.plans[-1]

    def check(self, adopted: AdoptedPlan, folder: str | Path) -> None:
        """Require that a folder holds the plan that was adopted, untouched; else `NotVerified` or `Refused`."""
        check_adopted(adopted, folder, adopted_version(self._state, adopted.motion).version)


def adopted_version(state: State, motion: str) -> DocumentVersion:
    """Return the version of a plan that a motion adopted; `Refused` if it adopted none."""
    found = state.motions.find(motion)
    if found.parent is not None or not state.on_plan(found) or found.status != "adopted":
        raise Refused(
            f"motion {motion} has adopted no plan",
            found=f"it is {found.status}",
            expected="an adopted motion on a plan",
            mend="certify its ballot first",
        )
    return next(v for v in state.document_of(found).versions if v.motion == motion)
