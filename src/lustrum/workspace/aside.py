"""Files and folders that are either there in full or not at all: written aside, flushed, then renamed.

Everything aside is called `.tmp-<random>`; what a killed run leaves under such a name is never read, and
is swept away later.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lustrum.errors import WorkspaceError

PREFIX = ".tmp-"
#: Leftovers older than this belong to no run that is still writing.
STALE_SECONDS = 3600.0


@contextmanager
def plain_errors(doing: str, where: Path) -> Iterator[None]:
    """Turn what the operating system refuses (no rights, no room, no such place) into a WorkspaceError."""
    try:
        yield
    except OSError as e:
        raise disk_error(e, doing, where) from None


def disk_error(e: OSError, doing: str, where: Path) -> WorkspaceError:
    """Put an error of the operating system into words, with a mend where there is one."""
    mends = {
        errno.ENOSPC: "free some room on the disk; nothing was half-written",
        errno.EDQUOT: "free some of your quota; nothing was half-written",
        errno.EACCES: "check the rights of the folder, or choose another",
        errno.EPERM: "check the rights of the folder, or choose another",
        errno.EROFS: "choose a folder on a disk that can be written",
        errno.ENOENT: "check the path",
        errno.ENAMETOOLONG: "choose a shorter name",
    }
    place = str(e.filename or where)
    return WorkspaceError(
        f"{doing} failed",
        where=place,
        found=e.strerror or str(e),
        mend=mends.get(e.errno or 0, "check the folder and try again"),
    )


def write_through(path: Path, content: bytes) -> None:
    """Write a file and have the disk keep it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Have the disk keep a file or folder that was written by others."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if os.name == "nt":  # folders cannot be opened there, and need not be
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def aside_folder(parent: Path) -> Iterator[Path]:
    """Give a fresh folder beside its future place; remove it on the way out if it is still there."""
    folder = parent / f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def flush_tree(folder: Path) -> None:
    """Have the disk keep every file and folder below, deepest first, and the folder itself."""
    for root, _, files in os.walk(folder, topdown=False):
        for name in files:
            flush(Path(root) / name)
        flush(Path(root))


def take_place(folder: Path, place: Path) -> bool:
    """Rename a folder to a place that is free; False where another is there already, which is left alone."""
    if place.exists():
        return False
    try:
        os.rename(folder, place)
    except OSError as e:
        # a folder with anything in it is never replaced by a rename: someone was quicker
        if e.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR) or place.exists():
            return False
        raise
    flush(place.parent)
    return True


def sweep(parent: Path, older_than: float = STALE_SECONDS) -> None:
    """Remove what killed runs left behind."""
    with suppress(OSError):
        for entry in parent.iterdir():
            if entry.name.startswith(PREFIX) and time.time() - entry.stat().st_mtime > older_than:
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)
