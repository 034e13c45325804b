"""`lustrum congress plan`: the plan that was adopted, solved again, its seals in the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.congress.room import Answer, InOrder, Room, act, listed, look
from lustrum.cli.output import examples
from lustrum.cli.working import interruptible, working


@click.group(
    "plan",
    cls=InOrder,
    short_help="Solve and seal the plan that was adopted.",
    epilog=examples("lustrum congress plan adopt motion-1"),
)
def group() -> None:
    """The plan that was adopted is exactly what its amendments say: solved again, certified, its hash in the ledger."""


@group.command(
    "adopt",
    short_help="Solve the adopted plan, and enter its seals.",
    epilog=examples("lustrum congress plan adopt motion-1"),
)
@click.argument("motion")
@act
def adopt(room: Room, motion: str) -> Answer:
    """Solve the plan that an adopted motion says, save it in `plans/`, verify it, and enter its seals."""
    with working("solving"):
        room.congress.plans.spec(motion)
        economy = room.economy_of(motion)
        adopted = interruptible(lambda: room.congress.plans.adopt(motion, economy, room.home / "plans"))
    return Answer(
        [
            f"Plan {adopted.plan_id} is adopted by {motion}: plans/{adopted.plan_id}",
            f"  certificate {adopted.certificate_hash}",
            f"  plan file   {adopted.plan_file_hash}",
        ],
        {
            "plan_id": adopted.plan_id,
            "motion": motion,
            "certificate_hash": adopted.certificate_hash,
            "plan_file_hash": adopted.plan_file_hash,
            "objective": adopted.objective,
        },
    )


@group.command(
    "enter",
    short_help="Enter a plan that was solved already.",
    epilog=examples("lustrum congress plan enter motion-1 plans/2026-11-23-1"),
)
@click.argument("motion")
@click.argument("folder", type=click.Path(path_type=Path))
@act
def enter(room: Room, motion: str, folder: Path) -> Answer:
    """Enter a solved plan as the one that a motion adopted, if it is exactly that one and proves itself."""
    adopted = room.congress.plans.enter(motion, folder)
    return Answer(
        [f"Plan {adopted.plan_id} is adopted by {motion}."],
        {"plan_id": adopted.plan_id, "motion": motion, "certificate_hash": adopted.certificate_hash},
    )


@group.command(
    "check",
    short_help="Check that a folder holds the plan that was adopted.",
    epilog=examples("lustrum congress plan check", "lustrum congress plan check copy/of/the-plan"),
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@look
def check(room: Room, folder: Path | None) -> Answer:
    """Check that a folder holds the plan adopted last, untouched, and that it proves itself."""
    from lustrum.errors import Refused

    plans = room.congress.state.plans
    if not plans:
        raise Refused("no plan was adopted yet", mend="`lustrum congress plan adopt MOTION`")
    last = plans[-1]
    room.congress.plans.check(last, folder or room.home / "plans" / last.plan_id)
    return Answer(
        [f"This is plan {last.plan_id} as it was adopted, and it proves itself."], {"ok": True, "plan_id": last.plan_id}
    )


@group.command("list", short_help="List adopted plans.", epilog=examples("lustrum congress plan list"))
@look
def list_(room: Room) -> Answer:
    """List adopted plans with their seals."""
    from dataclasses import asdict

    found = [asdict(p) for p in room.congress.state.plans]
    rows = [(p["plan_id"], p["motion"], p["certificate_hash"]) for p in found]
    columns = (("plan", "left"), ("motion", "left"), ("certificate", "rest"))
    return Answer(listed(columns, rows, "No plan was adopted yet."), {"plans": found})
