"""`lustrum congress document` and `plan`: documents with every version they had, and the plan that was adopted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lustrum.cli.congress.motions import moved, moving
from lustrum.cli.congress.room import (
    Answer,
    InOrder,
    Room,
    act,
    day_option,
    id_option,
    look,
    plural,
    table,
    text_of,
)
from lustrum.cli.output import examples, interruptible, working


@click.group(
    "document",
    cls=InOrder,
    short_help="Reports, plans and other papers with all their versions.",
    epilog=examples('lustrum congress document file "Report on the last plan" report.md'),
)
def document() -> None:
    """Documents before the congress. A document gets a new version in one way only: a motion on it is adopted."""


@document.command(
    "file",
    short_help="Lay a Markdown file before the congress.",
    epilog=examples(
        'lustrum congress document file "Report on the last plan" report.md --id report',
        'lustrum congress document file "Rules of order" order.md --kind other',
    ),
)
@click.argument("title")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["report", "other"]),
    default="report",
    show_default=True,
    help="A report is decided by the statute's rule for reports, another paper by that for motions.",
)
@id_option("paper")
@act
def file_(room: Room, title: str, file: Path, kind: str, name: str | None) -> Answer:
    """Lay a document before the congress. Each paragraph, list and table of it becomes a unit that can be amended."""
    made = room.congress.documents.file_text(title, text_of(file), kind=kind, document=name)
    version = room.congress.documents.version(made)
    words = f"{made}: {title}, {plural(len(version.units), 'unit')}."
    return Answer(
        [words, version.hash], {"document": made, "version": version.hash, "units": [u.id for u in version.units]}
    )


@document.command(
    "file-plan",
    short_help="Lay the workspace's plan file before the congress.",
    epilog=examples("lustrum congress document file-plan", "lustrum congress document file-plan --id plan"),
)
@click.option("--title", default="", help="A heading.  [default: the plan's name]")
@id_option("plan")
@act
def file_plan(room: Room, title: str, name: str | None) -> Answer:
    """Lay the plan file `lustrum.yaml` before the congress, with the digest of its accounts."""
    from lustrum.workspace import Workspace

    home = Workspace.open(room.home)
    spec, _ = home.plan_file()
    economy = home.economy(spec)
    made = room.congress.documents.file_plan(spec, economy, title=title, document=name)
    version = room.congress.documents.version(made)
    words = f"{made}: {title or spec.name}, {plural(len(version.units), 'entry', 'entries')}, on {economy.source.name}."
    return Answer([words, version.hash], {"document": made, "version": version.hash, "economy": economy.digest})


@document.command(
    "show",
    short_help="Print a document, as it is or was.",
    epilog=examples(
        "lustrum congress document show report",
        "lustrum congress document show plan --units",
        "lustrum congress document show report --at 2026-11-23",
    ),
)
@click.argument("document")
@day_option("at", "As it stood at the end of this day.")
@click.option("--hash", "digest", metavar="HASH", help="The version with this hash; its first digits are enough.")
@click.option("--units", is_flag=True, help="With the ids that amendments name.")
@look
def show_document(room: Room, document: str, at: str | None, digest: str | None, units: bool) -> Answer:
    """Print a document: the version that stands, or an earlier one."""
    from lustrum.congress.documents import Unit
    from lustrum.congress.plan_change import plan_of

    if at and digest:
        raise click.UsageError("--at and --hash exclude each other")
    version = room.congress.documents.version(document, at=at, hash=digest)
    plan = room.congress.state.documents[document].kind == "plan"

    def shown(unit: Unit) -> str:
        text = unit.value if isinstance(unit.value, str) else _entry(unit.value)
        return f"[{unit.id}] {text}" if units else text

    if plan and not units:
        lines = [plan_of(version).to_yaml().rstrip("\n")]
    else:
        lines = [("\n" if plan else "\n\n").join(shown(u) for u in version.units)]
    return Answer(lines, {"document": document, **version.to_json(), "hash": version.hash})


def _entry(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


@document.command(
    "list", short_help="List documents and their versions.", epilog=examples("lustrum congress document list")
)
@look
def list_documents(room: Room) -> Answer:
    """List documents with every version they had: since when, and the motion that made it."""
    found = [
        {
            "document": p.id,
            "kind": p.kind,
            "title": p.title,
            "version": v.hash,
            "status": v.status,
            "since": v.since,
            "motion": v.motion,
        }
        for p in room.congress.state.documents.values()
        for v in p.versions
    ]
    rows = [
        (
            r["document"],
            r["kind"],
            r["title"],
            str(r["status"]).replace("_", " "),
            str(r["since"])[:10],
            r["motion"] or "filed",
            str(r["version"])[7:19],
        )
        for r in found
    ]
    return table("documents", found, ("document", "kind", "*title", "state", "since", "by", "version"), "", rows)


@document.command(
    "redline",
    short_help="Show what differs between two versions.",
    epilog=examples(
        "lustrum congress document redline report",
        "lustrum congress document redline statute --old 1f0c2a --new 77ab10",
    ),
)
@click.argument("document")
@click.option("--old", metavar="HASH", help="[default: the version before the last]")
@click.option("--new", metavar="HASH", help="[default: the last version]")
@look
def redline(room: Room, document: str, old: str | None, new: str | None) -> Answer:
    """Show what differs between two versions, unit by unit and word by word."""
    from dataclasses import asdict

    from lustrum.congress.documents import as_text

    changes = room.congress.documents.redline(document, old, new)
    lines = [as_text(changes)] if changes else ["Nothing differs."]
    return Answer(lines, {"document": document, "changes": [asdict(c) for c in changes]})


@document.command(
    "amend",
    short_help="Move an amendment to the text of a document.",
    epilog=examples(
        'lustrum congress document amend motion-1 p2 --by d1 --replace "Fulfilled twice."',
        'lustrum congress document amend motion-1 p2 --by d1 --insert "Thanks to all." --as p2a',
        "lustrum congress document amend motion-1 p3 --by d1 --delete",
    ),
)
@click.argument("motion")
@click.argument("unit")
@click.option("--replace", "new", metavar="TEXT", help="What the unit is to read.")
@click.option("--insert", "added", metavar="TEXT", help="A new unit after it.")
@click.option("--as", "new_unit", metavar="UNIT", help="The id of the new unit.  [default: UNIT with a letter]")
@click.option("--delete", "strike", is_flag=True, help="Strike the unit out.")
@moving
@act
def amend(
    room: Room,
    motion: str,
    unit: str,
    new: str | None,
    added: str | None,
    new_unit: str | None,
    strike: bool,
    **given: Any,
) -> Answer:
    """Draft an amendment to one unit of a document, on a motion on it; `document show --units` prints their ids."""
    from lustrum.congress.documents import delete, insert, replace_unit
    from lustrum.errors import Refused

    if sum([new is not None, added is not None, strike]) != 1:
        raise click.UsageError("give one of --replace TEXT, --insert TEXT, --delete")
    main = room.congress.state.motions.find(motion)
    if main.document is None:
        raise Refused(f"motion {motion} is on no document", mend="amend a motion on a document")
    version = room.congress.documents.version(main.document)
    if added is not None:
        made = new_unit or next(
            name for letter in "abcdefghijklmnopqrstuvwxyz" if (name := f"{unit}{letter}") not in version
        )
        return moved(room, motion, insert(version, made, added, after=unit), **given)
    if new is not None:
        return moved(room, motion, replace_unit(version, unit, new), **given)
    return moved(room, motion, delete(version, unit), **given)


@click.group(
    "plan",
    cls=InOrder,
    short_help="Solve and seal the plan that was adopted.",
    epilog=examples("lustrum congress plan adopt motion-1"),
)
def plan() -> None:
    """The plan that was adopted is exactly what its amendments say: solved again, certified, its hash in the ledger."""


@plan.command(
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


@plan.command(
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


@plan.command(
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


@plan.command("list", short_help="List adopted plans.", epilog=examples("lustrum congress plan list"))
@look
def list_plans(room: Room) -> Answer:
    """List adopted plans with their seals."""
    from dataclasses import asdict

    found = [asdict(p) for p in room.congress.state.plans]
    rows = [(p["plan_id"], p["motion"], p["certificate_hash"]) for p in found]
    return table("plans", found, ("plan", "motion", "*certificate"), "No plan was adopted yet.", rows)
