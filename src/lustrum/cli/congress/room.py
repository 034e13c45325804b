"""What the commands of a congress share: the ledger they open, the options for it, and how an answer is printed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lustrum.cli.output import examples, json_option, page, print_json, show, workspace_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lustrum.accounts.economy import Economy
    from lustrum.congress.assembly import Congress

LEDGER, KEY = "lustrum.db", "lustrum.key"
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class InOrder(click.Group):
    """A group whose help lists the steps in the order in which they are taken."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@dataclass(frozen=True)
class Room:
    """The congress that a command works on, and the folder it stands in."""

    congress: Congress
    home: Path

    def economy(self, paper: str) -> Economy:
        """Load the accounts of a plan before the congress, as its plan file names them."""
        from lustrum.congress.plan_change import plan_of
        from lustrum.errors import Refused
        from lustrum.workspace import Workspace

        kind = self.congress.state.documents.find(paper).kind
        if kind != "plan":
            raise Refused(f"{paper} is no plan", found=f"a {kind}", expected="a document of kind plan")
        return Workspace(self.home).economy(plan_of(self.congress.documents.version(paper)))

    def economy_of(self, motion: str) -> Economy:
        """Load the accounts of the plan that a motion, or an amendment to it, is on."""
        from lustrum.errors import Refused

        state = self.congress.state
        main = state.whole(state.motions.find(motion))
        if main.document is None:
            raise Refused(f"motion {main.id} is on no document", expected="a motion on a plan")
        return self.economy(main.document)


@dataclass(frozen=True)
class Answer:
    """What a command has to say: lines for people, a document for --json, and the exit code."""

    lines: Sequence[RenderableType]
    document: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = 0


def act(command: Callable[..., Answer]) -> Callable[..., None]:
    """Make a command of a function that takes a step: it gets the room first, with the key that signs."""
    return workspace_option(_key_option(json_option(_run(command, True))))


def look(command: Callable[..., Answer]) -> Callable[..., None]:
    """Make a command of a function that only reads: no key is asked for."""
    return workspace_option(json_option(_run(command, False)))


def _run(command: Callable[..., Answer], writes: bool) -> Callable[..., None]:
    @functools.wraps(command)
    def run(workspace: Path, as_json: bool, key: Path | None = None, **given: Any) -> None:
        from lustrum.congress.assembly import Congress

        path = ledger_in(workspace)
        with Congress.open(path, signing_key(workspace, key) if writes else None) as congress:
            before = congress.ledger.head.height
            answer = command(Room(congress, workspace), **given)
            head = congress.ledger.head
        if not writes:
            say(answer, as_json)
            return
        steps = list(range(before + 1, head.height + 1))
        marked = [*answer.lines[:1], *answer.lines[1:]]
        if marked and isinstance(marked[0], str) and steps:
            marked[0] = f"{marked[0]}  [{_events(steps)}]"
        document = {**answer.document, "events": steps, "head": {"height": head.height, "hash": head.hash}}
        say(Answer(marked, document, answer.exit_code), as_json)

    return run


def step(
    group: click.Group,
    name: str,
    short: str,
    help_: str,
    *takes: str | Callable[[Any], Any],
    example: str | tuple[str, ...],
    does: str,
    says: str,
    tells: str,
) -> None:
    """Add a command that takes one step and says so in one sentence.

    Parameters
    ----------
    takes
        Its arguments by name (`motions…`: one or more), and options; the method calls them the same.
    does
        The method of the congress: `motions.submit`.
    says
        The sentence, with arguments in braces.
    tells
        The document for --json: names of arguments, and `key=word` for what is always the same.
    """

    def run(room: Room, **given: Any) -> Answer:
        several = [one for value in given.values() if isinstance(value, tuple) for one in value]
        attrgetter(does)(room.congress)(*several, **{k: v for k, v in given.items() if not isinstance(v, tuple)})
        words = {k: ", ".join(v) if isinstance(v, tuple) else v for k, v in given.items()}
        pairs = [word.partition("=") for word in tells.split()]
        lists = {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()}
        return Answer([says.format(**words)], {key: word if sign else lists[key] for key, sign, word in pairs})

    command: Any = act(run)
    for one in reversed(takes):
        if isinstance(one, str):
            many = one.endswith("…")
            one = click.argument(one.rstrip("…"), nargs=-1 if many else 1, required=True)
        command = one(command)
    shown = (example,) if isinstance(example, str) else example
    group.command(name, short_help=short, help=help_, epilog=examples(*shown))(command)


def _events(steps: Sequence[int]) -> str:
    return f"event {steps[0]}" if len(steps) == 1 else f"events {steps[0]}-{steps[-1]}"


def say(answer: Answer, as_json: bool) -> None:
    """Print an answer, and end with its exit code if that is not 0."""
    if as_json:
        print_json(answer.document)
    else:
        for line in answer.lines:
            # text goes out as it is: an anchor or a hash that is broken over lines cannot be copied
            click.echo(line) if isinstance(line, str) else show([line])
    if answer.exit_code:
        click.get_current_context().exit(answer.exit_code)


def _key_option(command: Decorated) -> Decorated:
    return click.option(
        "--key",
        type=click.Path(path_type=Path),
        envvar="LUSTRUM_KEY",
        metavar="FILE",
        help=f"The key that signs.  [default: {KEY} in the workspace]",
    )(command)


def id_option(what: str) -> Callable[[Decorated], Decorated]:
    """Add --id: a name of one's own for what is made."""
    return click.option("--id", "name", metavar="ID", help=f"Its id; left out, the next free one: {what}-1, {what}-2 …")


def day_option(name: str, words: str) -> Callable[[Decorated], Decorated]:
    """Add an option that takes a day, as 2026-11-23; the command gets it as text."""
    return click.option(f"--{name}", metavar="YYYY-MM-DD", callback=_day, help=words)


def _day(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    from datetime import date

    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day; write it as 2026-11-23", ctx, option) from None


def ledger_in(folder: Path) -> Path:
    """Return where the ledger of a workspace is.

    Raises
    ------
    LedgerError
        If there is none.
    """
    from lustrum.errors import LedgerError

    path = folder / LEDGER
    if not path.is_file():
        raise LedgerError(
            "there is no congress here",
            where=str(path),
            expected=f"a folder with {LEDGER}",
            mend="`lustrum congress new NAME` founds one; or name its folder: --workspace DIR",
        )
    return path


def signing_key(folder: Path, key: Path | None) -> Any:
    """Load the key that signs.

    Raises
    ------
    LedgerError
        If it is not there, or may be read by others.
    """
    from lustrum.congress.ledger import SigningKey
    from lustrum.errors import LedgerError

    path = key or folder / KEY
    if not path.exists():
        raise LedgerError(
            "the signing key is not there",
            where=str(path),
            expected="the key the congress was founded with",
            mend="name it: --key FILE, or put it back from its copy; to read, no key is needed",
        )
    return SigningKey.load(path)


def text_of(file: Path) -> str:
    """Read a text that someone wrote; `-` is what comes in.

    Raises
    ------
    BadInput
        If there is no such file, or it is not UTF-8.
    """
    from lustrum.errors import BadInput

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadInput(
            "this is not UTF-8 text",
            where=str(file),
            found=f"byte {content[e.start]:#04x} at {e.start}",
            mend="save it as UTF-8 text",
        ) from None
    except OSError as e:
        raise BadInput("this file cannot be read", where=str(file), found=e.strerror, mend="check the path") from None


#: Mark before the title of a column -> its side; a column without one is at the left. The rest gives way.
_SIDES = {">": "right", "*": "rest"}


def listed(columns: Sequence[str], rows: Iterable[Sequence[object]], none: str) -> list[RenderableType]:
    """Return a table of text for people, or a line that says there is nothing.

    A column `>seats` stands at the right; of `*title` is cut what the screen has no room for.
    """
    from lustrum.reporting.layout import plain_table

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not cells:
        return [none]
    titles = [(c[1:], _SIDES[c[0]]) if c[0] in _SIDES else (c, "left") for c in columns]
    widths = [max(len(title), *(len(row[k]) for row in cells)) for k, (title, _) in enumerate(titles)]
    rest = [k for k, (_, side) in enumerate(titles) if side == "rest"]
    over = sum(widths) + 2 * (len(widths) - 1) - page().width
    if over > 0 and rest:
        room = max(4, widths[rest[0]] - over)
        for row in cells:
            row[rest[0]] = row[rest[0]] if len(row[rest[0]]) <= room else f"{row[rest[0]][: room - 1]}…"
    return [plain_table([(title, "left" if side == "rest" else side) for title, side in titles], cells)]


def table(
    key: str,
    found: Sequence[dict[str, Any]],
    columns: Sequence[str],
    none: str,
    rows: Iterable[Sequence[object]] | None = None,
) -> Answer:
    """Return an answer that lists things: a table for people, and what was found, by `key`, for --json.

    The rows of the table are the values of what was found, if none are given.
    """
    shown = [list(thing.values()) for thing in found] if rows is None else rows
    return Answer(listed(columns, shown, none), {key: found})


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
