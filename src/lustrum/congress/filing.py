"""Documents before the congress: filed, kept in every version, and the statute with its coming into force (rule 8).

A document gets a new version in one way only: a motion on it is adopted (`outcomes.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import Field

from lustrum.congress.documents import Document, DocumentVersion, Unit, UnitChange, Version, redline
from lustrum.congress.entities import Body, must, must_be
from lustrum.congress.state import State, Things
from lustrum.congress.statute import Rules, Statute, statute_of
from lustrum.congress.statute.statute import rules_of
from lustrum.congress.steps import Hash, Id, Now, Step, Text, Topic, kind
from lustrum.errors import BadInput, Refused

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy
    from lustrum.planning.spec import PlanSpec


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
        first = DocumentVersion(version.hash, version, now.height, "in_force", since=now.time)
        state.documents[version.document] = Document(version.document, "statute", "Statute", versions=[first])
        state.statute = version.document
        _take_effect(state, version, now)


@kind("paper.filed/1", makes="paper")
class DocumentFiled(Step):
    """A document is laid before the congress: a plan, a report, or another."""

    paper: Id
    paper_kind: str = Field(pattern="^(plan|report|other)$")
    title: Text
    version: dict[str, Any]
    economy: str = Field("", max_length=200, description="for a plan: the digest of the accounts it is made on")

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.documents, self.paper)
        version = Version.from_json(self.version)
        if version.document != self.paper:
            raise BadInput("the version is another document's", found=version.document, expected=self.paper)
        if not version.units:
            raise BadInput("a document without units", where=self.paper, expected="at least one unit")

    def apply(self, state: State, now: Now) -> None:
        version = Version.from_json(self.version)
        state.documents[self.paper] = Document(
            self.paper,
            self.paper_kind,
            self.title,
            self.economy,
            [DocumentVersion(version.hash, version, now.height, since=now.time)],
        )


@kind("statute.in_force/1", reversible=False)
class StatuteInForce(Step):
    """An adopted version of the statute takes effect from here on. Ballots that are open keep the rules they froze."""

    version: Hash

    def check(self, state: State, now: Now) -> None:
        newest = state.documents.find(state.statute).newest
        must_be(self.version, newest.hash, "not the newest version of the statute")
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
        *older, newest = state.documents[state.statute].versions
        for version in older:
            version.status = "superseded"
        newest.status, newest.since = "in_force", now.time
        _take_effect(state, newest.version, now)


def _take_effect(state: State, version: Version, now: Now) -> None:
    """The rules and bodies of a version of the statute hold from here on; those it no longer has are dissolved."""
    rules = rules_of(version)
    founded = Things("body", bodies_of(rules))
    state.rules, state.rules_since = rules, now.height
    state.body = next(name for name, b in rules.bodies.items() if b.within is None)
    for name, old in state.bodies.items():
        if name not in founded:
            old.dissolved = old.dissolved or old.in_statute
            founded[name] = old
    state.bodies = founded
    for name in founded:
        state.changed_roll(name)


def bodies_of(rules: Rules) -> dict[str, Body]:
    """The bodies and offices that the statute founds."""
    return {
        name: Body(
            name,
            b.name,
            b.within,
            b.seats,
            b.term_months or 0,
            b.office,
            b.elected_by,
            b.election,
            b.members_of,
            True,
            [q.model_dump(mode="json") for q in b.quotas],
            list(b.first_plenary),
            b.vacancies,
            b.recall,
        )
        for name, b in rules.bodies.items()
    }


class Documents(Topic):
    """Plans, reports and other documents."""

    def file_text(self, title: str, text: str, *, kind: str = "report", document: str | None = None) -> str:
        """File a document in Markdown; each paragraph, list or table becomes a unit. Return its id."""
        blocks = [b.strip("\n") for b in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if b.strip()]
        if not blocks:
            raise BadInput("a document without text", where=title, mend="write something in it")
        with self._acting() as act:
            made = document or act.state.new_id("paper", act.state.documents)
            version = Version(made, tuple(Unit(f"p{n}", b) for n, b in enumerate(blocks, 1)))
            act.do(DocumentFiled, paper=made, paper_kind=kind, title=title, version=version.to_json())
            return made

    def file_plan(self, spec: PlanSpec, economy: Economy, *, title: str = "", document: str | None = None) -> str:
        """File a plan file, whose entries become units, with the digest of its accounts; return its id."""
        from lustrum.congress.plan_change import plan_version

        with self._acting() as act:
            made = document or act.state.new_id("plan", act.state.documents)
            version = plan_version(spec, made)
            act.do(
                DocumentFiled,
                paper=made,
                paper_kind="plan",
                title=title or spec.name,
                version=version.to_json(),
                economy=economy.digest,
            )
            return made

    def version(self, document: str, *, at: str | None = None, hash: str | None = None) -> Version:
        """Return the newest version of a document that stands; or the one of a date, or the one of a hash."""
        found = self._state.documents.find(document)
        if hash is not None:
            return found.by_hash(hash)
        return found.stood[-1].version if at is None else found.at(at)

    def redline(self, document: str, old: str | None = None, new: str | None = None) -> list[UnitChange]:
        """Return what differs between two versions, named by hash: the last two if none is named."""
        versions = self._state.documents.find(document).versions
        before = self.version(document, hash=old) if old else versions[-2 if len(versions) > 1 else -1].version
        after = self.version(document, hash=new) if new else versions[-1].version
        return redline(before, after)


class Statutes(Topic):
    """The statute: what is in force, and when an adopted version takes effect."""

    def put_in_force(self) -> str:
        """Let the newest adopted version take effect; open ballots keep the rules they froze. Return its hash."""
        with self._acting() as act:
            newest = act.state.documents[act.state.statute].newest
            act.do(StatuteInForce, version=newest.hash)
            return newest.hash

    def in_force(self, at: str | None = None) -> Statute:
        """Return the statute in force, now or at a date."""
        statute = self._state.documents[self._state.statute]
        return statute_of(statute.in_force.version if at is None else statute.at(at))

    def hash_in_force(self) -> str:
        """Return the hash of the version in force."""
        return self._state.documents[self._state.statute].in_force.hash

    def rules(self) -> dict[str, Any]:
        """Return the machine-read rules in force as JSON."""
        return self._state.rulebook.model_dump(mode="json")
