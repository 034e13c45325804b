"""Adopting a plan: what the amendments that passed say is solved again, certified, saved, its seals in the ledger."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.papers import PlanAdopted
from lustrum.congress.plan_change import plan_of
from lustrum.congress.state.business import PaperVersion
from lustrum.congress.state.entrusted import AdoptedPlan
from lustrum.congress.state.state import State, find
from lustrum.errors import NotVerified, Refused
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan
from lustrum.workspace import load_plan, save_plan, verify
from lustrum.workspace.plans import read_certificate


class Plans(Topic):
    """Plans that the congress adopts."""

    def spec(self, motion: str) -> PlanSpec:
        """Return the plan file that an adopted motion on a plan says: exactly what its amendments say."""
        return plan_of(_adopted(self._state, motion).version)

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
        spec = self.spec(motion)
        paper = find(self._state.papers, self._state.motions[motion].document or "", "document")
        if paper.economy != economy.digest:
            raise Refused("the plan was filed on other accounts", where=paper.id, found=economy.digest,
                          expected=paper.economy, mend="plan on the accounts it was filed with")  # fmt: skip
        return self.enter(motion, save_plan(solve_plan(economy, spec), plans))

    def enter(self, motion: str, folder: str | Path) -> AdoptedPlan:
        """Enter a solved plan, saved in `folder`, as the one that a motion adopted, once it has proven itself.

        Raises
        ------
        Refused
            If it is not the plan that was adopted.
        NotVerified
            If it does not prove itself.
        """
        version = _adopted(self._state, motion)
        found = check_plan(folder)
        loaded = load_plan(folder)
        if loaded.spec != plan_of(version.version):
            raise Refused("this is not the plan that was adopted", where=str(folder),
                          expected=f"what motion {motion} and its amendments say", mend="solve that one")  # fmt: skip
        with self._acting() as act:
            act.do(
                PlanAdopted,
                motion=motion,
                paper=act.state.motions[motion].document,
                version=version.hash,
                plan_id=Path(folder).name,
                certificate_hash=found,
                plan_file_hash=_sha256(Path(folder) / "lustrum.yaml"),
                economy_digest=loaded.economy.digest,
                objective=loaded.objective,
            )
            return act.state.plans[-1]

    def check(self, adopted: AdoptedPlan, folder: str | Path) -> None:
        """Require that a folder holds the plan that was adopted, untouched.

        Raises
        ------
        NotVerified
            If it does not prove itself, or its seals are not those in the ledger.
        """
        if check_plan(folder) != adopted.certificate_hash:
            raise NotVerified(f"{folder}: another plan than the one adopted as {adopted.plan_id}\n"
                              f"  expected: a certificate with the hash {adopted.certificate_hash}")  # fmt: skip


def check_plan(folder: str | Path) -> str:
    """Verify a plan's folder; return the hash of its certificate, which seals all its files."""
    read_certificate(folder)
    proof = verify(Path(folder))
    if not proof.ok:
        raise NotVerified(f"{folder}: the plan does not prove itself\n  " + "\n  ".join(proof.problems[:5]))
    return _sha256(Path(folder) / "certificate.json")


def _adopted(state: State, motion: str) -> PaperVersion:
    found = find(state.motions, motion, "motion")
    if found.document is None or state.papers[found.document].kind != "plan" or found.status != "adopted":
        raise Refused(f"motion {motion} has adopted no plan", found=f"it is {found.status}",
                      expected="an adopted motion on a plan", mend="certify its ballot first")  # fmt: skip
    return next(v for v in state.papers[found.document].versions if v.motion == motion)


def _sha256(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
