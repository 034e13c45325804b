"""`lustrum migrate`: which version each file of a workspace has, and how an older one is brought up to date.

There has been one version so far, so every file that can be read is current. When a format changes, its number in
`CURRENT` rises, the step from the version before is added to `migrate`, and the old workspaces of
tests/workspace/old are migrated by a test. Saved plans are sealed and are never rewritten: they are only checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lustrum.errors import WorkspaceError
from lustrum.strict_yaml import parse
from lustrum.workspace.folder import PLAN_FILE, Workspace
from lustrum.workspace.plans import read_json

#: Kind of file -> the version that this program writes.
CURRENT = {"plan file": 1, "accounts": 1, "saved plan": 1}


@dataclass(frozen=True)
class FileVersion:
    """A file of a workspace and the version of its format."""

    file: str
    kind: str
    version: int


def migrate(folder: str | Path) -> list[FileVersion]:
    """Bring a workspace to the current version; return its files as they now are.

    Every file is checked before the first is changed.

    Raises
    ------
    WorkspaceError
        If a file comes from a newer lustrum, or does not say its version.
    LustrumError
        If a file of the current version cannot be read.
    """
    home = Workspace.open(folder)
    found = file_versions(home)
    spec, _ = home.plan_file()
    home.economy(spec)
    return found


def file_versions(home: Workspace) -> list[FileVersion]:
    """Return the version of the plan file, of the accounts beside it, and of every saved plan.

    Raises
    ------
    WorkspaceError
        If a file comes from a newer lustrum, or does not say its version.
    """
    plan_file = _yaml(home.root / PLAN_FILE, "plan file")
    out = [_checked(PLAN_FILE, "plan file", plan_file.get("lustrum", 1))]
    accounts = f"{plan_file.get('economy', '.')}/economy.yaml"
    if (home.root / accounts).is_file():
        written = _yaml(home.root / accounts, accounts).get("format")
        out.append(_checked(accounts, "accounts", _number(written, "lustrum-economy/")))
    for name in home.plan_ids():
        record = read_json(home.plans / name / "certificate.json")
        written = record.get("format") if isinstance(record, dict) else None
        out.append(_checked(f"plans/{name}", "saved plan", _number(written, "lustrum-plan/")))
    return out


def _yaml(path: Path, what: str) -> dict[str, object]:
    try:
        return parse(path.read_bytes().decode("utf-8-sig"), path.name, error=WorkspaceError, what=what)
    except (OSError, UnicodeDecodeError) as e:
        found = e.strerror if isinstance(e, OSError) else "not UTF-8 text"
        mend = "check its rights; save it as UTF-8 text"
        raise WorkspaceError(f"{what} cannot be read", where=str(path), found=found, mend=mend) from None


def _number(written: object, prefix: str) -> object:
    """The version in a format such as ``lustrum-plan/1``."""
    digits = written.removeprefix(prefix) if isinstance(written, str) else ""
    return int(digits) if digits.isdecimal() else written


def _checked(file: str, kind: str, version: object) -> FileVersion:
    current = CURRENT[kind]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise WorkspaceError(
            "this file does not say which version it is",
            where=file,
            found=repr(version)[:80],
            expected=f"a {kind} of version {current}",
            mend="restore the file from a copy",
        )
    if version > current:
        raise WorkspaceError(
            "this file was written by a newer lustrum",
            where=file,
            found=f"a {kind} of version {version}",
            expected=f"version {current} or older",
            mend="install the newer lustrum: pip install --upgrade lustrum; nothing was changed",
        )
    return FileVersion(file, kind, version)
