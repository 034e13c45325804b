"""Documents before the congress, and the statute's coming into force (rule 8).

A document gets a new version in one way only: a motion on it is adopted (`state/outcomes.py`).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lustrum.congress.documents import Version
from lustrum.congress.events.step import Hash, Id, Now, Step, Text, kind
from lustrum.congress.state.business import Paper, PaperVersion
from lustrum.congress.state.entrusted import AdoptedPlan
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.rulebook import bodies_of, highest_body, rules_of
from lustrum.congress.state.state import State, find
from lustrum.errors import BadInput, Refused


@kind("congress.founded/1", reversible=False)
class CongressFounded(Step):
    """The congress begins: its name, its body, and the statute that is in force from the first."""

    name: Text
    statute: dict[str, Any]

    def check(self, state: State, now: Now) -> None:
        if state.rules is not None:
            raise Refused("a congress is founded once", found=state.name)
        rules_of(Version.from_json(self.statute))

    def apply(self, state: State, now: Now) -> None:
        version = Version.from_json(self.statute)
        state.name = self.name
        first = PaperVersion(version.hash, version, now.height, "in_force", since=now.time)
        state.papers[version.document] = Paper(version.document, "statute", "Statute", versions=[first])
        state.statute = version.document
        _take_effect(state, version, now)


@kind("paper.filed/1", makes="paper")
class PaperFiled(Step):
    """A document is laid before the congress: a plan, a report, or another."""

    paper: Id
    paper_kind: str = Field(pattern="^(plan|report|other)$")
    title: Text
    version: dict[str, Any]
    economy: str = Field("", max_length=200, description="for a plan: the digest of the accounts it is made on")

    def check(self, state: State, now: Now) -> None:
        unused(state.papers, self.paper, "document", state)
        version = Version.from_json(self.version)
        if version.document != self.paper:
            raise BadInput("the version is another document's", found=version.document, expected=self.paper)
        if not version.units:
            raise BadInput("a document without units", where=self.paper, expected="at least one unit")

    def apply(self, state: State, now: Now) -> None:
        version = Version.from_json(self.version)
        state.papers[self.paper] = Paper(
            self.paper,
            self.paper_kind,
            self.title,
            self.economy,
            [PaperVersion(version.hash, version, now.height, since=now.time)],
        )


@kind("statute.in_force/1", reversible=False)
class StatuteInForce(Step):
    """An adopted version of the statute takes effect from here on. Ballots that are open keep the rules they froze."""

    version: Hash

    def check(self, state: State, now: Now) -> None:
        newest = find(state.papers, state.statute, "document").current
        if newest.hash != self.version:
            raise Refused("not the newest version of the statute", found=self.version, expected=newest.hash)
        must(newest.status, ("adopted",), "this version of the statute", "take effect", "adopt it by a motion first")
        kept = rules_of(newest.version).bodies
        used = {m.body for m in state.mandates.values() if m.status in ("elected", "active")}
        used |= {s.body for s in state.sessions.values() if s.status != "closed"}
        used |= {e.body for e in state.elections.values() if e.status not in ("counted", "declared")}
        used = {b for b in used if state.bodies[b].in_statute}
        if dropped := sorted(used - kept.keys()):
            raise Refused(
                "the new statute drops bodies that are at work",
                found=", ".join(dropped),
                mend="end their mandates, sessions and elections first",
            )

    def apply(self, state: State, now: Now) -> None:
        paper = state.papers[state.statute]
        for older in paper.versions[:-1]:
            older.status = "superseded"
        paper.current.status, paper.current.since = "in_force", now.time
        _take_effect(state, paper.current.version, now)


@kind("plan.adopted/1", reversible=False)
class PlanAdopted(Step):
    """The plan that the adopted version of a plan paper says, solved again, certified and saved: known by its seals."""

    motion: Id
    paper: Id
    version: Hash
    plan_id: Text
    certificate_hash: Hash
    plan_file_hash: Hash
    economy_digest: Text
    objective: float

    def check(self, state: State, now: Now) -> None:
        motion = find(state.motions, self.motion, "motion")
        must(motion.status, ("adopted",), f"motion {motion.id}", "give a plan", "certify its ballot first")
        paper = find(state.papers, self.paper, "document")
        if paper.kind != "plan" or motion.document != paper.id:
            raise Refused(f"motion {motion.id} adopts no plan {paper.id}", found=motion.document)
        adopted = next((v.hash for v in paper.versions if v.motion == motion.id), None)
        if adopted != self.version:
            raise Refused("not the version that was adopted", found=self.version, expected=str(adopted))
        if paper.economy and paper.economy != self.economy_digest:
            raise Refused(
                "the plan was solved on other accounts than the paper was filed with",
                found=self.economy_digest,
                expected=paper.economy,
                mend="plan on the same accounts",
            )
        if any(p.motion == motion.id for p in state.plans):
            raise Refused(f"the plan of motion {motion.id} is adopted already", expected="one plan for a motion")

    def apply(self, state: State, now: Now) -> None:
        state.plans.append(AdoptedPlan(**self.model_dump(), height=now.height))


def _take_effect(state: State, version: Version, now: Now) -> None:
    """The rules and bodies of a version of the statute hold from here on; those it no longer has are dissolved."""
    rules = rules_of(version)
    founded = bodies_of(rules)
    state.rules, state.rules_since, state.body = rules, now.height, highest_body(rules)
    for name, old in state.bodies.items():
        if name not in founded:
            old.dissolved = old.dissolved or old.in_statute
            founded[name] = old
    state.bodies = founded
    for name in founded:
        state.changed_roll(name)
