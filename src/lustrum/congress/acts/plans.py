"""Adopting a plan: what the amendments that passed say is solved again, certified, saved, its seals in the ledger."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.papers import PlanAdopted
from lustrum.congress.state.business import PaperVersion
from lustrum.congress.state.entrusted import AdoptedPlan
from lustrum.congress.state.state import State, find
from lustrum.errors import Refused

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy
    from lustrum.planning.spec import PlanSpec


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
        from lustrum.congress.plan_folder import solve_into

        version = adopted_version(self._state, motion).version
        paper = self._state.papers[version.document]
        if paper.economy != economy.digest:
            raise Refused(
                "the plan was filed on other accounts",
                where=paper.id,
                found=economy.digest,
                expected=paper.economy,
                mend="plan on the accounts it was filed with",
            )
        return self.enter(motion, solve_into(plans, economy, version))

    def enter(self, motion: str, folder: str | Path) -> AdoptedPlan:
        """Enter a solved plan, saved in `folder`, as the one that a motion adopted, once it has proven itself.

        Raises
        ------
        Refused
            If it is not the plan that was adopted.
        NotVerified
            If it does not prove itself.
        """
        from lustrum.congress.plan_folder import sealed

        version = adopted_version(self._state, motion)
        seals = sealed(folder, version.version)
        with self._acting() as act:
            act.do(PlanAdopted, motion=motion, paper=version.version.document, version=version.hash, **asdict(seals))
            return act.state.plans[-1]

    def check(self, adopted: AdoptedPlan, folder: str | Path) -> None:
        """Require that a folder holds the plan that was adopted, untouched; else `NotVerified` or `Refused`."""
        from lustrum.congress.plan_folder import check_adopted

        check_adopted(adopted, folder, adopted_version(self._state, adopted.motion).version)


def adopted_version(state: State, motion: str) -> PaperVersion:
    """Return the version of a plan that a motion adopted; `Refused` if it adopted none."""
    found = find(state.motions, motion, "motion")
    if found.document is None or state.papers[found.document].kind != "plan" or found.status != "adopted":
        raise Refused(
            f"motion {motion} has adopted no plan",
            found=f"it is {found.status}",
            expected="an adopted motion on a plan",
            mend="certify its ballot first",
        )
    return next(v for v in state.papers[found.document].versions if v.motion == motion)
