"""Documents laid before the congress, their versions at any date, and the statute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lustrum.congress.acts.topic import Topic
from lustrum.congress.documents import Document, Entry, Unit, UnitChange, Version, redline
from lustrum.congress.events.papers import PaperFiled, StatuteInForce
from lustrum.congress.state.business import Paper
from lustrum.congress.state.state import find
from lustrum.congress.statute import Statute, statute_of
from lustrum.errors import BadInput

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy
    from lustrum.planning.spec import PlanSpec


class Papers(Topic):
    """Plans, reports and other documents."""

    def file_text(self, title: str, text: str, *, kind: str = "report", paper: str | None = None) -> str:
        """File a document in Markdown; each paragraph, list or table becomes a unit. Return its id."""
        blocks = [b.strip("\n") for b in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if b.strip()]
        if not blocks:
            raise BadInput("a document without text", where=title, mend="write something in it")
        with self._acting() as act:
            made = paper or act.state.new_id("paper", act.state.papers)
            version = Version(made, tuple(Unit(f"p{n}", b) for n, b in enumerate(blocks, 1)))
            act.do(PaperFiled, paper=made, paper_kind=kind, title=title, version=version.to_json())
            return made

    def file_plan(self, spec: PlanSpec, economy: Economy, *, title: str = "", paper: str | None = None) -> str:
        """File a plan file, whose entries become units, with the digest of its accounts; return its id."""
        from lustrum.congress.plan_change import plan_version

        with self._acting() as act:
            made = paper or act.state.new_id("plan", act.state.papers)
            version = plan_version(spec, made)
            act.do(
                PaperFiled,
                paper=made,
                paper_kind="plan",
                title=title or spec.name,
                version=version.to_json(),
                economy=economy.digest,
            )
            return made

    def version(self, paper: str, *, at: str | None = None, hash: str | None = None) -> Version:
        """Return the newest version of a document; or the one that stood at a date, or the one of a hash."""
        document = self.history(paper)
        if hash is not None:
            return document.by_hash(hash)
        return document.current if at is None else document.at(at)

    def history(self, paper: str) -> Document:
        """Return a document with all its versions and the times since when they stood.

        A version stands from the event that made it; one of the statute from when it took effect.
        """
        found: Paper = find(self._state.papers, paper, "document")
        entries = [Entry(v.version, v.since, v.motion or "filed") for v in found.versions if v.since]
        return Document(found.id, found.kind, found.title, tuple(entries))

    def redline(self, paper: str, old: str | None = None, new: str | None = None) -> list[UnitChange]:
        """Return what differs between two versions, named by hash: the last two if none is named."""
        versions = find(self._state.papers, paper, "document").versions
        before = self.version(paper, hash=old) if old else versions[-2 if len(versions) > 1 else -1].version
        after = self.version(paper, hash=new) if new else versions[-1].version
        return redline(before, after)


class Statutes(Topic):
    """The statute: what is in force, and when an adopted version takes effect."""

    def put_in_force(self) -> str:
        """Let the newest adopted version take effect; open ballots keep the rules they froze. Return its hash."""
        with self._acting() as act:
            newest = act.state.papers[act.state.statute].current
            act.do(StatuteInForce, version=newest.hash)
            return newest.hash

    def in_force(self, at: str | None = None) -> Statute:
        """Return the statute in force, now or at a date."""
        state = self._state
        paper = state.papers[state.statute]
        if at is None:
            return statute_of(next(v.version for v in reversed(paper.versions) if v.status == "in_force"))
        entries = [Entry(v.version, v.since, v.motion or "founded") for v in paper.versions if v.since]
        return statute_of(Document(paper.id, paper.kind, paper.title, tuple(entries)).at(at))

    def hash_in_force(self) -> str:
        """Return the hash of the version in force."""
        state = self._state
        return next(v.hash for v in reversed(state.papers[state.statute].versions) if v.status == "in_force")

    def rules(self) -> dict[str, Any]:
        """Return the machine-read rules in force as JSON."""
        return self._state.rulebook.model_dump(mode="json")
