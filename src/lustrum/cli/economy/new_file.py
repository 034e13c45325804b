"""Writing a new file or folder: whole or not at all, and never over another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lustrum.errors import WorkspaceError


def write_new(target: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file or folder aside, and put it in its place if the place is free.

    Raises
    ------
    WorkspaceError
        If something is there already, or the place cannot be written.
    """
    from lustrum.workspace.aside import aside_folder, flush_tree, plain_errors, take_place

    taken = WorkspaceError(
        "something is there already, and nothing is ever overwritten",
        where=str(target),
        mend="choose another name, or delete it first",
    )
    with plain_errors("writing", target):
        if os.path.lexists(target):
            raise taken
        with aside_folder(target.parent) as aside:
            made = aside / target.name
            write(made)
            flush_tree(aside)
            if made.is_dir():
                if not take_place(made, target):
                    raise taken
                return
            try:
                os.link(made, target)  # fails where another was quicker
            except FileExistsError:
                raise taken from None
            except OSError:  # a disk without links
                if os.path.lexists(target):
                    raise taken from None
                os.rename(made, target)
