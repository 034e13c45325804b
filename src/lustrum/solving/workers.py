"""Worker processes that never run the user's script again, and give their results in the order of the work.

A new process imports the script that started it, unless that script is hidden from it; one without the usual
`if __name__ == "__main__":` would then start workers of its own, and hang. What workers run here lives in lustrum, so
the script is hidden while they start. Each is told its work once (`prepare`), and every result depends on its piece of
work alone: so the number of workers changes no figure.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: What the piece of work at hand is done with: made by `prepare` in every process.
_state: Any = None


def in_workers(
    prepare: Callable[..., Any],
    given: tuple[Any, ...],
    work: Callable[[Any, T], R],
    pieces: Sequence[T],
    workers: int,
    done: Callable[[int], None] | None = None,
) -> list[R]:
    """Return `work(prepare(*given), piece)` for every piece, in order, from so many processes.

    Parameters
    ----------
    prepare, work
        Functions of lustrum's own modules, so that a process can import them.
    done
        Called with the number of pieces done so far, after each.
    """
    out: list[R] = []
    if workers <= 1 or len(pieces) <= 1:
        state = prepare(*given)
        for piece in pieces:
            out.append(work(state, piece))
            if done:
                done(len(out))
        return out
    with ProcessPoolExecutor(min(workers, len(pieces)), get_context("spawn"), _begin, (prepare, given)) as pool:
        with _script_hidden():
            jobs = [pool.submit(_run, work, piece) for piece in pieces]  # the first one starts the processes
        for job in jobs:
            out.append(job.result())
            if done:
                done(len(out))
    return out


def _begin(prepare: Callable[..., Any], given: tuple[Any, ...]) -> None:
    global _state
    _state = prepare(*given)


def _run(work: Callable[[Any, T], R], piece: T) -> R:
    return work(_state, piece)


@contextmanager
def _script_hidden() -> Iterator[None]:
    """Hide the running script from processes that start now."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    try:
        if "__file__" in kept:
            del main.__file__
        main.__spec__ = None
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
