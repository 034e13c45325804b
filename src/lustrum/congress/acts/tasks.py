"""Tasks: drawn from the plan, entrusted, reported, verified; and the register that a review reads as execution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lustrum.congress.acts.topic import Topic
from lustrum.congress.events.tasks import (
    TargetSet,
    TaskAccepted,
    TaskBegun,
    TaskEnded,
    TaskEntrusted,
    TaskJudged,
    TaskProposed,
    TaskReported,
)
from lustrum.congress.state.execution import Execution, execution
from lustrum.congress.state.state import find

if TYPE_CHECKING:
    from lustrum.planning.plan import Plan


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
            made = task or act.state.new_id("task", act.state.tasks)
            act.do(
                TaskProposed,
                task=made,
                label=label,
                indicator=indicator,
                targets=dict(targets),
                unit=unit,
                sector=sector,
                plan=plan,
                text=text,
            )
            return made

    def propose_from(self, plan: Plan, plan_id: str, *, indicators: Sequence[str] = ("output",)) -> list[str]:
        """Propose a task for each sector of an adopted plan, from its sheet; return their ids, `PLAN.SECTOR`.

        Parameters
        ----------
        indicators
            `output`, and if wanted means: `investment:ASSET`, `labour:SKILL`, each a task of its own.
        """
        from lustrum.congress.sector_tasks import tasks_of

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
                        targets=proposal.of(indicator.id),
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
            latest = find(act.state.tasks, task, "task").latest(year)
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
            latest = find(act.state.tasks, task, "task").latest(year)
            act.do(
                TaskJudged, task=task, year=year, row=latest.row if latest else 1, by=by, verdict=verdict, remark=remark
            )

    def set_target(self, task: str, year: int, value: float, *, reason: str, motion: str | None = None) -> int:
        """Give a target a new version; return its number. Earlier versions stay."""
        with self._acting() as act:
            version = len(find(act.state.tasks, task, "task").targets.get(year, [])) + 1
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
