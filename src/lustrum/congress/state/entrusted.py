"""Tasks with their targets and observations: what the congress entrusted, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Target:
    """One version of a target for a year; the first is version 1, and none is ever replaced."""

    year: int
    version: int
    value: float
    reason: str
    height: int


@dataclass(slots=True)
class Report:
    """What a body reported for a year; a correction is a new row. Reported, verified or returned."""

    year: int
    row: int
    value: float
    by: str
    text: str
    time: str
    status: str = "reported"
    judged_by: str = ""
    remark: str = ""


@dataclass(slots=True)
class Task:
    """Proposed, accepted, in_progress, reported, verified or returned, done or cancelled."""

    id: str
    label: str
    sector: str
    indicator: str
    unit: str
    plan: str
    text: str = ""
    body: str | None = None
    status: str = "proposed"
    accepted_by: str = ""
    targets: dict[int, list[Target]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    ended_because: str = ""

    def first(self, year: int) -> float:
        """The target of a year as it was first set."""
        return self.targets[year][0].value

    def current(self, year: int) -> float:
        """The target of a year as it stands."""
        return self.targets[year][-1].value

    def latest(self, year: int) -> Report | None:
        """The newest report for a year."""
        return next((r for r in reversed(self.reports) if r.year == year), None)


@dataclass(slots=True)
class AdoptedPlan:
    """A plan as adopted: which motion, which version of the plan paper, which solved plan by its seals."""

    motion: str
    paper: str
    version: str
    plan_id: str
    certificate_hash: str
    plan_file_hash: str
    economy_digest: str
    objective: float
    height: int
