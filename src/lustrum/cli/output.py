"""What commands share: options, the page, the ways to print a document, and progress that Ctrl-C can end."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Command = Callable[..., Any]
T = TypeVar("T")
Say = Callable[[str], None]
_running: list[threading.Thread] = []


def json_option(command: Command) -> Command:
    """Add --json: one document on stdout and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


def csv_option(command: Command) -> Command:
    """Add --csv."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print a long CSV table, every digit kept.")(command)


def workspace_option(command: Command) -> Command:
    """Add --workspace, by default the current folder."""
    return click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path),
        default=".",
        show_default="current folder",
        metavar="DIR",
        help="The workspace to work in.",
    )(command)


def page() -> Console:
    """Return the console for stdout, never wider than a page."""
    from rich.console import Console

    from lustrum.reporting.layout import page_width

    class Page(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit with 1, which means that the answer is no

    width = page_width(shutil.get_terminal_size((100, 40)).columns)
    return Page(width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def show(parts: Iterable[RenderableType]) -> None:
    """Print parts of a page on stdout."""
    console = page()
    for part in parts:
        console.print(part)


def note(text: str) -> None:
    """Print a remark on stderr."""
    click.echo(text, err=True)


def print_json(document: object) -> None:
    """Print one JSON document, every digit kept, as UTF-8 whatever the terminal speaks."""
    print_bytes((json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def print_bytes(content: bytes) -> None:
    """Print data as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def examples(*lines: str) -> str:
    """Return the epilog of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@contextmanager
def working(first: str) -> Iterator[Say]:
    """Show a line of progress on stderr while the block runs; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda text: None
        return
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False)
    with console.status(first, spinner="line") as status:
        yield status.update


def interruptible(work: Callable[[], T]) -> T:
    """Run `work` so that Ctrl-C is heard at once: the solver does not listen while it computes."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as e:
            errors.append(e)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    _running.append(thread)
    while thread.is_alive():
        thread.join(0.05)
    _running.remove(thread)
    if errors:
        raise errors[0]
    return results[0]


def end_now(code: int) -> None:
    """End the process here if a solver still runs: it cannot be asked to stop."""
    if any(thread.is_alive() for thread in _running):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
