"""`lustrum congress task`: what is entrusted to bodies, reported by them, and verified by others."""

from __future__ import annotations

from dataclasses import asdict

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, day_option, id_option, listed, look, plural
from lustrum.cli.output import examples

#: Letters of the body and label of a task in the register.
LABEL = 27


@click.group(
    "task",
    cls=InOrder,
    short_help="Entrust, report and verify tasks.",
    epilog=examples("lustrum congress task register"),
)
def group() -> None:
    """Tasks: proposed, accepted, in progress, reported, verified or returned, done or cancelled. Targets keep all their
    versions; a correction is a new report; who reports a task does not verify it."""


@group.command(
    "from-plan",
    short_help="Draw the tasks from the adopted plan.",
    epilog=examples(
        "lustrum congress task from-plan", "lustrum congress task from-plan --entrust bureau --entrust secretariat"
    ),
)
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    default=("output",),
    show_default=True,
    help="output, investment:ASSET, labour:SKILL; each is a task of its own.",
)
@click.option(
    "--entrust", "bodies", multiple=True, metavar="BODY", help="Entrust them to this body; several take turns."
)
@act
def from_plan(room: Room, indicators: tuple[str, ...], bodies: tuple[str, ...]) -> Answer:
    """Propose a task for each sector of the plan adopted last, from its sheets: what it is to put out, year by year."""
    from lustrum.congress.state.state import find
    from lustrum.errors import Refused
    from lustrum.workspace import load_plan

    state = room.congress.state
    if not state.plans:
        raise Refused("no plan was adopted yet", mend="`lustrum congress plan adopt MOTION`")
    for body in bodies:
        find(state.bodies, body, "body")
    last = state.plans[-1]
    folder = room.home / "plans" / last.plan_id
    room.congress.plans.check(last, folder)
    made = room.congress.tasks.propose_from(load_plan(folder), last.plan_id, indicators=indicators)
    if not made:
        raise Refused(
            "the plan's sheets have no such indicator",
            found=", ".join(indicators),
            expected="output, or an asset or skill of the accounts",
        )
    for k, task in enumerate(made if bodies else ()):
        room.congress.tasks.entrust(task, bodies[k % len(bodies)])
    to = f", and offered to {', '.join(bodies)}" if bodies else ""
    words = f"{plural(len(made), 'task')} proposed from plan {last.plan_id}{to}."
    return Answer([words, f"  {made[0]} … {made[-1]}"], {"tasks": made, "plan": last.plan_id, "bodies": list(bodies)})


@group.command(
    "propose",
    short_help="Propose a task by hand.",
    epilog=examples(
        'lustrum congress task propose "Crude steel" --indicator output --unit Mt --target 2027=12 --target 2028=12.5'
    ),
)
@click.argument("label")
@click.option("--indicator", required=True, help="What is counted.")
@click.option("--unit", default="", help="In which unit.")
@click.option(
    "--target", "targets", multiple=True, required=True, metavar="YEAR=FIGURE", help="What is to be reached in a year."
)
@click.option("--text", default="", help="What it is about.")
@id_option("task")
@act
def propose(
    room: Room, label: str, indicator: str, unit: str, targets: tuple[str, ...], text: str, name: str | None
) -> Answer:
    """Propose a task with its targets by year."""
    figures: dict[int, float] = {}
    for pair in targets:
        year, _, value = pair.partition("=")
        try:
            figures[int(year)] = float(value)
        except ValueError:
            raise click.UsageError(f"--target takes YEAR=FIGURE, such as 2027=12, not {pair!r}") from None
    made = room.congress.tasks.propose(label, indicator=indicator, targets=figures, unit=unit, text=text, task=name)
    return Answer([f"{made}: {label}."], {"task": made, "targets": {str(y): v for y, v in figures.items()}})


@group.command(
    "entrust", short_help="Offer a task to a body.", epilog=examples("lustrum congress task entrust task-1 bureau")
)
@click.argument("task")
@click.argument("body")
@act
def entrust(room: Room, task: str, body: str) -> Answer:
    """Offer a task to the body that is to answer for it."""
    room.congress.tasks.entrust(task, body)
    return Answer([f"{task} is offered to {body}."], {"task": task, "body": body})


@group.command(
    "accept",
    short_help="Record that the body takes a task on.",
    epilog=examples("lustrum congress task accept task-1 --by p6"),
)
@click.argument("tasks", nargs=-1, required=True)
@click.option("--by", required=True, metavar="PERSON", help="A member of the body, who speaks for it.")
@act
def accept(room: Room, tasks: tuple[str, ...], by: str) -> Answer:
    """Record that the body takes tasks on, by the word of one of its members."""
    for task in tasks:
        room.congress.tasks.accept(task, by)
    return Answer([f"{', '.join(tasks)}: accepted."], {"tasks": list(tasks), "status": "accepted"})


@group.command("begin", short_help="Record that work has begun.", epilog=examples("lustrum congress task begin task-1"))
@click.argument("tasks", nargs=-1, required=True)
@act
def begin(room: Room, tasks: tuple[str, ...]) -> Answer:
    """Record that work has begun."""
    for task in tasks:
        room.congress.tasks.begin(task)
    return Answer([f"{', '.join(tasks)}: in progress."], {"tasks": list(tasks), "status": "in_progress"})


@group.command(
    "report",
    short_help="Report what was reached in a year.",
    epilog=examples('lustrum congress task report task-1 2027 11.6 --by p6 --text "One furnace late"'),
)
@click.argument("task")
@click.argument("year", type=int)
@click.argument("value", type=float)
@click.option("--by", required=True, metavar="PERSON", help="A member of the body.")
@click.option("--text", default="", help="What there is to say.")
@act
def report(room: Room, task: str, year: int, value: float, by: str, text: str) -> Answer:
    """Report what was reached in a year. A further report for the same year corrects the one before; both stay."""
    row = room.congress.tasks.report(task, year, value, by=by, text=text)
    target = room.congress.state.tasks[task].current(year)
    share = f", {100 * value / target:.1f} % of {target:g}" if target else ""
    return Answer(
        [f"{task}, {year}: {value:g} reported{share} (row {row})."],
        {"task": task, "year": year, "value": value, "row": row},
    )


def _judge(name: str, method: str, short: str, words: str, help_: str) -> None:
    @group.command(
        name, short_help=short, help=help_, epilog=examples(f"lustrum congress task {name} task-1 2027 --by p14")
    )
    @click.argument("task")
    @click.argument("year", type=int)
    @click.option("--by", required=True, metavar="PERSON", help="Someone outside the body that reported.")
    @click.option("--remark", default="", help="What there is to say.")
    @act
    def judge(room: Room, task: str, year: int, by: str, remark: str) -> Answer:
        getattr(room.congress.tasks, method)(task, year, by=by, remark=remark)
        return Answer(
            [f"{task}, {year}: {words} by {by}."],
            {"task": task, "year": year, "status": room.congress.state.tasks[task].status},
        )


_judge(
    "verify", "verify", "Verify a report.", "verified", "Verify the latest report of a year: never by who reported it."
)
_judge(
    "return", "send_back", "Return a report to the body.", "returned", "Return the latest report of a year to the body."
)


@group.command(
    "set-target",
    short_help="Give a target a new version.",
    epilog=examples('lustrum congress task set-target task-1 2028 12 --reason "Readjusted plan" --motion motion-12'),
)
@click.argument("task")
@click.argument("year", type=int)
@click.argument("value", type=float)
@click.option("--reason", required=True, help="Why.")
@click.option("--motion", metavar="ID", help="The adopted motion that sets it.")
@act
def set_target(room: Room, task: str, year: int, value: float, reason: str, motion: str | None) -> Answer:
    """Give a target a new version. The first one stays, and fulfilment is shown against both."""
    version = room.congress.tasks.set_target(task, year, value, reason=reason, motion=motion)
    return Answer(
        [f"{task}, {year}: target {value:g} (version {version})."],
        {"task": task, "year": year, "value": value, "version": version},
    )


@group.command("done", short_help="Conclude a task.", epilog=examples("lustrum congress task done task-1"))
@click.argument("task")
@act
def done(room: Room, task: str) -> Answer:
    """Conclude a task whose every year is verified."""
    room.congress.tasks.done(task)
    return Answer([f"{task} is done."], {"task": task, "status": "done"})


@group.command(
    "cancel",
    short_help="Cancel a task.",
    epilog=examples('lustrum congress task cancel task-1 --reason "The mine closes"'),
)
@click.argument("task")
@click.option("--reason", required=True, help="Why.")
@act
def cancel(room: Room, task: str, reason: str) -> Answer:
    """Cancel a task."""
    room.congress.tasks.cancel(task, reason)
    return Answer([f"{task} is cancelled."], {"task": task, "status": "cancelled"})


@group.command(
    "register",
    short_help="Print the register of tasks.",
    epilog=examples("lustrum congress task register", "lustrum congress task register --day 2028-04-15 --overdue"),
)
@day_option("day", "As it reads on this day.  [default: today]")
@click.option("--body", metavar="BODY", help="The tasks of this body alone.")
@click.option("--year", type=int, help="This year alone.")
@click.option("--overdue", is_flag=True, help="What is overdue alone.")
@look
def register(room: Room, day: str | None, body: str | None, year: int | None, overdue: bool) -> Answer:
    """Print the register: targets, what was reached, in per cent of the first target and of that now, what is overdue.

    This is what a review reads as execution. A year's report is due 90 days after its end.
    """
    from datetime import date

    from lustrum.congress.state.state import find
    from lustrum.reporting.layout import amount, percent

    if body is not None:
        find(room.congress.state.bodies, body, "body")
    rows = [
        r
        for r in room.congress.tasks.register(day or date.today().isoformat())
        if body in (None, r.body) and year in (None, r.year) and (r.overdue or not overdue)
    ]
    figures = [
        (
            r.task,
            str(r.year),
            amount(r.current),
            amount(r.reached) if r.reached is not None else "",
            f"{percent(r.fulfilment_first)} / {percent(r.fulfilment_current)}" if r.reached is not None else "",
            "overdue" if r.overdue else r.status,
        )
        for r in rows
    ]
    # who and what in a line of their own: beside all the figures a narrow screen would leave three letters of them
    words = [f"  {r.body}: {r.label}" if r.body else f"  {r.label}" for r in rows]
    labels = [text if len(text) <= LABEL else f"{text[: LABEL - 1]}…" for text in words]
    blank = ("",) * (len(figures[0]) - 1) if figures else ()
    shown = [line for row, label in zip(figures, labels, strict=True) for line in (row, (label, *blank))]
    columns = (
        ("task", "left"),
        ("year", "right"),
        ("target", "right"),
        ("reached", "right"),
        ("% first/now", "right"),
        ("state", "left"),
    )
    return Answer(listed(columns, shown, "No such task."), {"register": [asdict(r) for r in rows]})
