"""Tasks: proposed from the plan's sheets, entrusted to a body, reported, and verified by someone else (rule 11).

A new target is a new version, a corrected report is a new row: nothing is overwritten. The register
of tasks (`register.py`) is what a review reads as execution.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from lustrum.congress.entities import Report, Target, Task, must, must_be
from lustrum.congress.register import Execution, execution, tasks_of
from lustrum.congress.state import State
from lustrum.congress.steps import Id, Now, Step, Text, Topic, kind
from lustrum.errors import Refused

if TYPE_CHECKING:
    from lustrum.planning.plan import Plan


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


Figure = Annotated[float, AfterValidator(_finite)]


Year = Annotated[int, Field(ge=1000, le=9999)]


_RUNNING = ("accepted", "in_progress", "reported", "verified", "returned")


@kind("task.proposed/1", makes="task")
class TaskProposed(Step):
    """A task with its first targets by year, drawn from a sheet of the plan or set by hand (`plan` empty)."""

    task: Id
    label: Text
    sector: str = Field("", max_length=200)
    indicator: Text
    unit: str = Field("", max_length=200)
    plan: str = Field("", max_length=200)
    text: str = Field("", max_length=20_000)
    targets: dict[Year, Figure] = Field(min_length=1)

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.tasks, self.task)
        if self.plan and all(p.plan_id != self.plan for p in state.plans):
            raise Refused(
                f"plan {self.plan!r} was not adopted here",
                expected="a task drawn from an adopted plan",
                mend="adopt the plan first, or leave the plan out",
            )

    def apply(self, state: State, now: Now) -> None:
        targets = {y: [Target(y, 1, v, "", now.height)] for y, v in sorted(self.targets.items())}
        state.tasks[self.task] = Task(
            self.task, self.label, self.sector, self.indicator, self.unit, self.plan, text=self.text, targets=targets
        )


@kind("task.entrusted/1")
class TaskEntrusted(Step):
    """The task is offered to the body that is to answer for it."""

    task: Id
    body: Id

    def check(self, state: State, now: Now) -> None:
        state.tasks.find(self.task).must(("proposed",), "be entrusted")
        state.bodies.find(self.body)

    def apply(self, state: State, now: Now) -> None:
        state.tasks[self.task].body = self.body


@kind("task.accepted/1")
class TaskAccepted(Step):
    """The body takes the task on, by the word of one of its members."""

    task: Id
    by: Id

    def check(self, state: State, now: Now) -> None:
        task = state.tasks.find(self.task).must(("proposed",), "be accepted")
        _speaks_for(state, task, self.by)

    def apply(self, state: State, now: Now) -> None:
        task = state.tasks[self.task]
        task.status, task.accepted_by = "accepted", self.by


@kind("task.begun/1")
class TaskBegun(Step):
    """Work on the task has begun."""

    task: Id

    def check(self, state: State, now: Now) -> None:
        state.tasks.find(self.task).must(("accepted",), "begin")

    def apply(self, state: State, now: Now) -> None:
        state.tasks[self.task].status = "in_progress"


@kind("task.reported/1")
class TaskReported(Step):
    """The body reports what was reached in a year. A correction is a further report for the same year."""

    task: Id
    year: Year
    row: int = Field(ge=1)
    value: Figure
    by: Id
    text: str = Field("", max_length=20_000)

    def check(self, state: State, now: Now) -> None:
        task = state.tasks.find(self.task).must(_RUNNING[1:], "be reported")
        _speaks_for(state, task, self.by)
        if self.year not in task.targets:
            raise Refused(
                f"task {task.id} has no target for {self.year}",
                expected=", ".join(str(y) for y in task.targets),
                mend="report a year of the task",
            )
        latest = task.latest(self.year)
        row = f"row {(latest.row if latest else 0) + 1}"
        must_be(f"row {self.row}", row, "a report is a new row and overwrites none")
        if latest and latest.status == "verified":
            raise Refused(
                f"the report on {self.year} of task {task.id} is verified",
                found=f"row {latest.row}",
                mend="take the verification back, then report again",
            )

    def apply(self, state: State, now: Now) -> None:
        task = state.tasks[self.task]
        task.status = "reported"
        task.reports.append(Report(self.year, self.row, self.value, self.by, self.text, now.time))


@kind("task.judged/1")
class TaskJudged(Step):
    """Someone else verifies the latest report of a year, or returns it."""

    task: Id
    year: Year
    row: int = Field(ge=1)
    by: Id
    verdict: str = Field(pattern="^(verified|returned)$")
    remark: str = Field("", max_length=20_000)

    def check(self, state: State, now: Now) -> None:
        task = state.tasks.find(self.task)
        state.people.find(self.by)
        latest = task.latest(self.year)
        if latest is None or latest.row != self.row:
            raise Refused(
                f"not the latest report of task {task.id} on {self.year}",
                found=f"row {self.row}",
                expected=f"row {latest.row}" if latest else "a report first",
            )
        must(latest.status, ("reported",), f"the report on {self.year} of task {task.id}", f"be {self.verdict}")
        if task.status in ("done", "cancelled"):
            raise Refused(f"task {task.id} is {task.status}")
        if self.by in {r.by for r in task.reports if r.year == self.year}:
            raise Refused(
                "who reports a task does not verify it",
                where=f"task {task.id}, {self.year}",
                found=self.by,
                expected="someone else",
                mend="let another body's member verify it",
            )
        if any(m.person == self.by for m in state.seated(task.body or "")):
            raise Refused(
                "who reports a task does not verify it",
                where=f"task {task.id}, {self.year}",
                found=f"{self.by} is a member of {task.body}, which reports it",
                expected="someone outside the body",
                mend="let another body's member verify it",
            )

    def apply(self, state: State, now: Now) -> None:
        task = state.tasks[self.task]
        latest = task.latest(self.year)
        assert latest is not None
        latest.status, latest.judged_by, latest.remark = self.verdict, self.by, self.remark
        task.status = "returned" if self.verdict == "returned" else "verified"


@kind("target.set/1", reversible=False)
class TargetSet(Step):
    """A target gets a new version; the first one stays and fulfilment is shown against both."""

    task: Id
    year: Year
    version: int = Field(ge=1)
    value: Figure
    reason: Text
    motion: Id | None = None

    def check(self, state: State, now: Now) -> None:
        task = state.tasks.find(self.task)
        if task.status in ("done", "cancelled"):
            raise Refused(f"task {task.id} is {task.status}", expected="a running task")
        must_be(
            f"version {self.version}",
            f"version {len(task.targets.get(self.year, [])) + 1}",
            "a target is versioned and never overwritten",
            f"task {task.id}, {self.year}",
        )
        if self.motion is not None and (m := state.motions.find(self.motion)).status != "adopted":
            raise Refused(f"motion {m.id} does not set this target", found=m.status, expected="an adopted motion")

    def apply(self, state: State, now: Now) -> None:
        versions = state.tasks[self.task].targets.setdefault(self.year, [])
        versions.append(Target(self.year, self.version, self.value, self.reason, now.height))


@kind("task.ended/1")
class TaskEnded(Step):
    """Done, when every year is verified; or cancelled, with the reason."""

    task: Id
    how: str = Field(pattern="^(done|cancelled)$")
    reason: str = Field("", max_length=2000)

    def check(self, state: State, now: Now) -> None:
        task = state.tasks.find(self.task)
        if self.how == "cancelled":
            task.must(("proposed", *_RUNNING), "be cancelled")
            return
        task.must(("verified",), "be done")
        missing = [y for y in task.targets if (r := task.latest(y)) is None or r.status != "verified"]
        if missing:
            raise Refused(
                f"task {task.id} is not done",
                found=f"not verified: {', '.join(map(str, missing))}",
                expected="a verified report for every year",
                mend="report and verify them",
            )

    def apply(self, state: State, now: Now) -> None:
        task = state.tasks[self.task]
        task.status, task.ended_because = self.how, self.reason


def _speaks_for(state: State, task: Task, person: str) -> None:
    """Refuse the word of one who is not a member of the accountable body (a body without seats held has none)."""
    state.people.find(person)
    if task.body is None:
        raise Refused(f"task {task.id} is entrusted to no body", mend="entrust it first")
    members = {m.person for m in state.seated(task.body) if m.status == "active"}
    if members and person not in members:
        raise Refused(
            f"{person} does not speak for {task.body}", expected="one of its members", mend="name a member of the body"
        )


class Tasks(Topic):
    """What the congress entrusts to bodies."""

    def propose(
        self,
        label: str,
        *,
        indicator: str,
        targets: Mapping[int, float],
        unit: str = "",
        sector: str = "",
        plan: str = "",
        text: str = "",
        task: str | None = None,
    ) -> str:
        """Propose a task with its targets by year; return its id."""
        with self._acting() as act:
            return act.make(
                TaskProposed,
                task,
                act.state.tasks,
                label=label,
                indicator=indicator,
                targets=dict(targets),
                unit=unit,
                sector=sector,
                plan=plan,
                text=text,
            )

    def propose_from(self, plan: Plan, plan_id: str, *, indicators: Sequence[str] = ("output",)) -> list[str]:
        """Propose a task for each sector of an adopted plan, from its sheet; return their ids, `PLAN.SECTOR`.

        Parameters
        ----------
        indicators
            `output`, and if wanted means: `investment:ASSET`, `labour:SKILL`, each a task of its own.
        """
        out = []
        with self._acting() as act:
            for proposal in tasks_of(plan):
                for indicator in proposal.indicators:
                    if indicator.id not in indicators:
                        continue
                    tail = "" if indicator.id == "output" else f".{indicator.id}"
                    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{plan_id}.{proposal.sector}{tail}")[:80]
                    if name in act.state.tasks:
                        name = act.state.new_id(name[:70], act.state.tasks)
                    act.do(
                        TaskProposed,
                        task=name,
                        label=proposal.label[:200],
                        sector=proposal.sector,
                        indicator=indicator.id,
                        unit=indicator.unit,
                        plan=plan_id,
                        text=proposal.text,
                        targets=indicator.targets,
                    )
                    out.append(name)
        return out

    def entrust(self, task: str, body: str) -> None:
        """Offer a task to the body that is to answer for it."""
        self._do(TaskEntrusted, task=task, body=body)

    def accept(self, task: str, by: str) -> None:
        """Record that the body takes the task on, by the word of a person."""
        self._do(TaskAccepted, task=task, by=by)

    def begin(self, task: str) -> None:
        """Record that work has begun."""
        self._do(TaskBegun, task=task)

    def report(self, task: str, year: int, value: float, *, by: str, text: str = "") -> int:
        """Report what was reached in a year; a further report corrects the one before. Return its row."""
        with self._acting() as act:
            latest = act.state.tasks.find(task).latest(year)
            row = (latest.row if latest else 0) + 1
            act.do(TaskReported, task=task, year=year, row=row, value=value, by=by, text=text)
            return row

    def verify(self, task: str, year: int, *, by: str, remark: str = "") -> None:
        """Verify the latest report of a year; never by who reported it."""
        self._judge(task, year, by, "verified", remark)

    def send_back(self, task: str, year: int, *, by: str, remark: str = "") -> None:
        """Return the latest report of a year to the body."""
        self._judge(task, year, by, "returned", remark)

    def _judge(self, task: str, year: int, by: str, verdict: str, remark: str) -> None:
        with self._acting() as act:
            latest = act.state.tasks.find(task).latest(year)
            act.do(
                TaskJudged, task=task, year=year, row=latest.row if latest else 1, by=by, verdict=verdict, remark=remark
            )

    def set_target(self, task: str, year: int, value: float, *, reason: str, motion: str | None = None) -> int:
        """Give a target a new version; return its number. Earlier versions stay."""
        with self._acting() as act:
            version = len(act.state.tasks.find(task).targets.get(year, [])) + 1
            act.do(TargetSet, task=task, year=year, version=version, value=value, reason=reason, motion=motion)
            return version

    def done(self, task: str) -> None:
        """Conclude a task whose every year is verified."""
        self._do(TaskEnded, task=task, how="done")

    def cancel(self, task: str, reason: str) -> None:
        """Cancel a task."""
        self._do(TaskEnded, task=task, how="cancelled", reason=reason)

    def register(self, day: str, *, tasks: Iterable[str] | None = None) -> list[Execution]:
        """Return the register as it reads on a day: targets first and current, reached, fulfilment, overdue."""
        return execution(self._state, day, tasks)
