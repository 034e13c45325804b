"""`lustrum congress amendment`: amendments to a plan, with what they cost before anyone votes on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.congress.motions import moved, moving
from lustrum.cli.congress.room import Answer, InOrder, Room, act, look
from lustrum.cli.output import examples, interruptible, working

if TYPE_CHECKING:
    from lustrum.congress.documents import Operation, Version


@click.group(
    "amendment",
    cls=InOrder,
    short_help="Amend a plan, and see what it costs before the vote.",
    epilog=examples('lustrum congress amendment propose adopt "floor housing >= 1.1 in 2022" --by d7 --explain'),
)
def amendment() -> None:
    """Amendments to a plan are lines such as `floor housing >= 1.1 in 2027`; docs/amendments.md lists them all.

    Each is solved before its vote: who gains, who pays, what then holds the plan back; or why there is no such plan.
    Texts are amended by `document amend`, the statute by `statute amend`.
    """


@amendment.command(
    "propose",
    short_help="Move an amendment to the plan.",
    epilog=examples(
        'lustrum congress amendment propose adopt "floor housing >= 1.1 in 2022" --by d7 --support d1,d2,d3,d4',
        'lustrum congress amendment propose adopt "set trade.export_band = 0.02" --by d8 --explain',
    ),
)
@click.argument("motion")
@click.argument("line")
@moving
@click.option("--explain", is_flag=True, help="Solve it, print what it costs, and attach that.")
@act
def propose(room: Room, motion: str, line: str, explain: bool, **given: Any) -> Answer:
    """Draft an amendment to the plan that MOTION is to adopt. LINE is checked against plan file and accounts."""
    with working("reading the accounts"):
        economy = room.economy_of(motion)
        operation = _operations(room, motion, [line], economy)[0]
        answer = moved(room, motion, operation, **given)
    words = _sentence(room, answer.document["motion"])
    out = Answer([*answer.lines, f"  {words}"], {**answer.document, "words": words})
    return _solved(room, [answer.document["motion"]], out) if explain else out


@amendment.command(
    "amend",
    short_help="Amend another amendment to the plan.",
    epilog=examples("lustrum congress amendment amend motion-5 1.05 --by d9"),
)
@click.argument("amendment")
@click.argument("value")
@moving
@act
def amend(room: Room, amendment: str, value: str, **given: Any) -> Answer:
    """Draft an amendment to an amendment: VALUE is what it is to propose instead, a number or an entry in YAML.

    `amendment show` prints what it proposes now. It is voted first, and one level deep.
    """
    from lustrum.congress.documents import replace_unit, set_number

    draft = room.congress.motions.draft_text(amendment)
    parent = room.congress.state.motions.find(amendment).parent or ""
    new = _proposed(value, draft.units[0].value)
    operation = set_number(draft, "text", (), new) if isinstance(new, float) else replace_unit(draft, "text", new)
    return moved(room, parent, operation, amends=amendment, **given)


@amendment.command(
    "explain",
    short_help="Say what lines would cost, and enter nothing.",
    epilog=examples(
        'lustrum congress amendment explain adopt "floor housing >= 1.1 in 2022"',
        'lustrum congress amendment explain adopt "floor food >= 1.05" "floor housing >= 1.1 in 2022"',
    ),
)
@click.argument("motion")
@click.argument("lines", nargs=-1, required=True)
@look
def explain(room: Room, motion: str, lines: tuple[str, ...]) -> Answer:
    """Solve the plan with LINES done together, and say what that costs. Nothing is entered: for those who draft."""
    from lustrum.congress.plan_change import told

    with working("solving") as progress:
        economy = room.economy_of(motion)
        found = _consequences(economy, _version(room, motion), _operations(room, motion, lines, economy), progress)
    return Answer(told(found), found, 0 if found["feasible"] else 1)


@amendment.command(
    "solve",
    short_help="Solve amendments, and attach what they cost.",
    epilog=examples(
        "lustrum congress amendment solve motion-5", "lustrum congress amendment solve motion-5 motion-6 adopt"
    ),
)
@click.argument("motions", nargs=-1, required=True)
@act
def solve(room: Room, motions: tuple[str, ...]) -> Answer:
    """Solve amendments, each by itself, and attach what they cost; for the motion on the plan, all that passed.

    Without this no ballot on them opens. An infeasible amendment is attached too: the delegates are to know.
    """
    return _solved(room, motions, Answer([], {}))


@amendment.command(
    "combine",
    short_help="Solve amendments together, and enter nothing.",
    epilog=examples("lustrum congress amendment combine motion-5 motion-6"),
)
@click.argument("motions", nargs=-1, required=True)
@look
def combine(room: Room, motions: tuple[str, ...]) -> Answer:
    """Solve the plan with several amendments done together; if some exclude each other, say which."""
    from lustrum.congress.plan_change import combine, plan_of, told
    from lustrum.errors import Refused

    changes: dict[str, list[Operation]] = {}
    versions: dict[str, Version] = {}
    with working("solving") as progress:
        economy = room.economy_of(motions[0])
        for motion in motions:
            version, changes[motion] = room.congress.motions.to_solve(motion)
            versions[version.hash] = version
        if len(versions) != 1:
            raise Refused("amendments to different plans are not combined", found=", ".join(motions))
        [version] = versions.values()
        found = interruptible(
            lambda: combine(economy, plan_of(version), None, changes, document=version.document, progress=progress)
        )
    return Answer(told(found), found, 0 if found.get("feasible") else 1)


@amendment.command(
    "order",
    short_help="Log the order of voting.",
    epilog=examples(
        "lustrum congress amendment order adopt", "lustrum congress amendment order adopt --exclude motion-5 motion-6"
    ),
)
@click.argument("motion")
@click.option(
    "--exclude",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="A B",
    help="Two amendments that exclude each other for what they mean.",
)
@act
def order(room: Room, motion: str, pairs: tuple[tuple[str, str], ...]) -> Answer:
    """Log the order of voting on the amendments to a motion, before the first vote.

    Amendments to amendments come first, then by unit, the furthest-reaching first. Of a plan, amendments that set the
    same limit are found and exclude each other: if one passes, the others are moot.
    """

    state = room.congress.state
    plan = state.on_plan(state.motions.find(motion))
    with working("looking for amendments that exclude each other"):
        economy = room.economy_of(motion) if plan else None
        found = room.congress.motions.fix_order(motion, incompatible=pairs, economy=economy)
    excluded = [list(pair) for pair in room.congress.state.motions[motion].incompatible]
    lines = [f"Order of voting on {motion}: {', '.join(found)}, then {motion} as amended."]
    lines += [f"  {a} and {b} exclude each other" for a, b in excluded]
    return Answer(lines, {"motion": motion, "order": found, "incompatible": excluded})


@amendment.command(
    "show",
    short_help="Print an amendment and what it costs.",
    epilog=examples("lustrum congress amendment show motion-5"),
)
@click.argument("amendment")
@look
def show(room: Room, amendment: str) -> Answer:
    """Print an amendment: what it changes, and the consequences that are attached."""
    from lustrum.congress.plan_change import told
    from lustrum.errors import Refused

    found = room.congress.state.motions.find(amendment)
    if found.amendment is None and found.consequences is None:
        raise Refused(f"motion {amendment} is no amendment", mend="`lustrum congress show` prints any motion")
    words = _sentence(room, amendment) if found.amendment else ""
    lines = [f"{amendment}: {found.title}", f"state: {found.status.replace('_', ' ')}; moved by {found.proposer}"]
    lines += [f"  {words}"] if words else []
    if found.consequences is not None:
        lines += [f"  {line}" for line in told(found.consequences.result)]
    elif words:
        lines.append("  not solved")
    change = found.amendment
    return Answer(
        lines,
        {
            "motion": amendment,
            "title": found.title,
            "status": found.status,
            "words": words,
            "operation": change.operation.to_json() if change else None,
            "consequences": found.consequences.result if found.consequences else None,
        },
    )


def _proposed(value: str, old: Any) -> Any:
    """What an amendment to an amendment is to propose, of the kind of what it proposes now: number, text or entry."""
    from lustrum.errors import BadInput
    from lustrum.strict_yaml import parse

    if isinstance(old, str):
        return value
    if isinstance(old, dict):
        return _by_text(parse(value, "VALUE", what="entry"))
    try:
        return float(value)
    except ValueError:
        raise BadInput(
            "not a number", where="VALUE", found=value[:60], expected=f"a number in place of {old}"
        ) from None


def _by_text(value: Any) -> Any:
    """The same with text for keys, as JSON has them: years are numbers in YAML."""
    if isinstance(value, dict):
        return {str(k): _by_text(v) for k, v in value.items()}
    return [_by_text(v) for v in value] if isinstance(value, list) else value


def _solved(room: Room, motions: Iterable[str], answer: Answer) -> Answer:
    from lustrum.congress.plan_change import told

    lines, results = list(answer.lines), {}
    for motion in motions:
        with working(f"solving {motion}") as progress:
            economy = room.economy_of(motion)
            version, operations = room.congress.motions.to_solve(motion)
            found = _consequences(economy, version, operations, progress)
            room.congress.motions.attach(motion, found)
        lines += [f"{motion}: consequences attached", *(f"  {line}" for line in told(found))]
        results[motion] = found
    return Answer(lines, {**answer.document, "consequences": results})


def _consequences(economy: Any, version: Version, operations: list[Operation], progress: Any) -> dict[str, Any]:
    from lustrum.congress.plan_change import consequences, plan_of

    return interruptible(
        lambda: consequences(economy, plan_of(version), None, operations, document=version.document, progress=progress)
    )


def _version(room: Room, motion: str) -> Version:
    state = room.congress.state
    return room.congress.documents.version(state.whole(state.motions.find(motion)).document or "")


def _operations(room: Room, motion: str, lines: Iterable[str], economy: Any) -> list[Operation]:
    from lustrum.congress.plan_change import operation_of

    version = _version(room, motion)
    return [operation_of(line, version, economy) for line in lines]


def _sentence(room: Room, motion: str) -> str:
    from lustrum.congress.plan_change import sentence

    state = room.congress.state
    change = state.motions[motion].amendment
    if change is None:
        return ""
    if change.amends is not None or not state.on_plan(state.motions[motion]):
        return change.operation.words()
    document = state.document_of(state.motions[motion])
    return sentence(change.operation, document.by_hash(change.operation.version))
