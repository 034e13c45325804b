"""`lustrum congress verify`, `publish`, `export`, `import`, `backup`: the record leaves the house, and is checked."""

from __future__ import annotations

from pathlib import Path

import click

from lustrum.cli.congress.room import LEDGER, Answer, Room, day_option, ledger_in, look, plural, say
from lustrum.cli.output import examples, json_option, print_bytes, workspace_option
from lustrum.cli.working import working


@click.command(
    "verify",
    short_help="Verify a congress without trusting who kept it.",
    epilog=examples(
        "lustrum congress verify",
        "lustrum congress verify record.json",
        "lustrum congress verify --anchor 412:sha256:9f2b…",
    ),
)
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(path_type=Path))
@click.option("--anchor", metavar="HEIGHT:HASH", help="As the closing of a session published it.")
@click.option("--public-key", metavar="KEY", help="Whose signatures are to count, if you know it from elsewhere.")
@click.option(
    "--plans",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder with the adopted plans: each must prove itself and be the one that was adopted.",
)
@workspace_option
@json_option
def verify(
    file: Path | None, anchor: str | None, public_key: str | None, plans: Path | None, workspace: Path, as_json: bool
) -> None:
    """Verify the whole chain, judge every event again by the rules at its place, and count every ballot again.

    FILE is a ledger or an exported record; left out, the workspace's ledger. Without an anchor, a tail that was cut and
    a ledger that its keeper wrote anew cannot be told. Exit code 1 if anything is wrong.
    """
    with working("verifying"):
        problems, head = _verified(file or ledger_in(workspace), anchor, public_key, plans)
    document = {"ok": not problems, "head": head, "problems": [{"event": p.event, "what": p.what} for p in problems]}
    if problems:
        lines = [f"Not verified: {plural(len(problems), 'problem')}.", *(f"  {p}" for p in problems)]
    else:
        at = f" up to head {head['height']}:{head['hash']}" if head else ""
        known = (
            "the anchor is in it" if anchor else "without an anchor: a cut tail or a ledger written anew cannot be told"
        )
        lines = [f"Verified: chain, signatures, rules and counts hold{at}; {known}."]
    say(Answer(lines, document, 1 if problems else 0), as_json)


def _verified(path: Path, anchor: str | None, public_key: str | None, plans: Path | None) -> tuple[list, dict | None]:  # type: ignore[type-arg]
    from lustrum.congress.ledger import load_record, verify_record
    from lustrum.congress.proof import rebuild, verify
    from lustrum.errors import LedgerError, LustrumError

    if not path.is_file():
        raise LedgerError("there is no such file", where=str(path), expected="a ledger or an exported record")
    with path.open("rb") as file:
        is_record = file.read(16) != b"SQLite format 3\0"
    if is_record and plans is not None:
        raise LedgerError(
            "plans are proven beside a ledger, not beside an exported record",
            where=str(path),
            mend="import the record, and verify the ledger it makes",
        )
    if is_record:
        record = load_record(path)
        problems = verify_record(record, anchor, public_key, rebuild)
        heads = record.get("heads") or [] if isinstance(record, dict) else []
        return problems, {k: heads[-1][k] for k in ("height", "hash")} if heads else None
    problems = verify(path, anchor, public_key, plans)
    try:
        from lustrum.congress.ledger import Ledger

        with Ledger.open(path) as ledger:
            return problems, {"height": ledger.head.height, "hash": ledger.head.hash}
    except LustrumError:
        return problems, None


@click.command(
    "publish",
    short_help="Write the record for people, or for programs.",
    epilog=examples(
        "lustrum congress publish -o record.md",
        "lustrum congress publish --format json -o record.json",
        "lustrum congress publish | less",
    ),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="Markdown for people; JSON for programs that show it.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A new file.  [default: the screen]"
)
@day_option("day", "The day on which the register of tasks is read.  [default: that of the last event]")
@look
def publish(room: Room, form: str, output: Path | None, day: str | None) -> Answer:
    """Publish sessions, motions with what amendments cost, counts, who is elected, tasks, and the ledger's head.

    Both forms are made from the ledger alone. What proves them is the exported ledger: see `export`.
    """
    import json

    from lustrum.congress.publication import as_json, as_markdown

    record = as_json(room.congress, day)
    text = (
        as_markdown(room.congress, day)
        if form == "markdown"
        else json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    )
    if output is None:
        if not click.get_current_context().params.get("as_json"):
            print_bytes(text.encode())
        return Answer([], record)
    _write_new(output, text)
    head = room.congress.ledger.head
    return Answer(
        [f"Published: {output}, as of {head.anchor}"], {"file": str(output), "format": form, "anchor": str(head.anchor)}
    )


def _write_new(place: Path, text: str) -> None:
    from lustrum.congress.ledger.record import new_file
    from lustrum.workspace.aside import write_through

    with new_file(place) as aside:
        write_through(aside, text.encode())


@click.command(
    "export",
    short_help="Write the whole ledger as one JSON file.",
    epilog=examples("lustrum congress export record.json"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def export(file: Path, workspace: Path, as_json: bool) -> None:
    """Write the whole ledger as one JSON file that another machine can verify or import. No ballot may be open."""
    from lustrum.congress.ledger import save_record

    save_record(ledger_in(workspace), file)
    size = file.stat().st_size
    say(
        Answer(
            [f"Exported: {file} ({size / 1e6:,.1f} MB)", f"Anyone can check it: lustrum congress verify {file}"],
            {"file": str(file), "bytes": size},
        ),
        as_json,
    )


@click.command(
    "import",
    short_help="Make a ledger of an exported record.",
    epilog=examples("lustrum congress import record.json --workspace copy"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def import_(file: Path, workspace: Path, as_json: bool) -> None:
    """Make `lustrum.db` of an exported record that holds. It is read without a key, and written on with it."""
    from lustrum.congress.ledger import Ledger, import_record, load_record
    from lustrum.workspace.aside import plain_errors

    with plain_errors("making the workspace", workspace):
        workspace.mkdir(parents=True, exist_ok=True)
    with working("verifying"):
        import_record(load_record(file), workspace / LEDGER)
    with Ledger.open(workspace / LEDGER) as ledger:
        anchor = str(ledger.head.anchor)
    say(
        Answer(
            [f"Imported: {workspace / LEDGER}, head {anchor}"], {"ledger": str(workspace / LEDGER), "anchor": anchor}
        ),
        as_json,
    )


@click.command(
    "backup",
    short_help="Copy the ledger while it is in use.",
    epilog=examples("lustrum congress backup /media/stick/2026-11-23.db"),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@workspace_option
@json_option
def backup(file: Path, workspace: Path, as_json: bool) -> None:
    """Copy the ledger as it is at one moment, while others write. Keys are not in it: copy `lustrum.key` by hand.

    Papers of a secret ballot that is open are sealed in it, and can be counted only where the ballot's key is.
    """
    from lustrum.congress.ledger import Ledger
    from lustrum.congress.ledger import backup as copy

    path = ledger_in(workspace)
    with Ledger.open(path):  # a database that holds no ledger is not copied as one
        copy(path, file)
    say(Answer([f"Copied: {file}"], {"file": str(file), "bytes": file.stat().st_size}), as_json)
