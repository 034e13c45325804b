"""Showing that work goes on, and letting Ctrl-C end it even while the solver computes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
Say = Callable[[str], None]
_running: list[threading.Thread] = []


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
