"""A workspace: one folder with the plan file, the accounts and every plan that was made from them."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, embedded_names, load_economy
from lustrum.accounts.readers.folder import write_folder
from lustrum.errors import SpecError, WorkspaceError
from lustrum.labels import unknown_label
from lustrum.planning.spec import PlanSpec
from lustrum.workspace.aside import PREFIX, aside_folder, flush_tree, plain_errors, take_place
from lustrum.workspace.plans import plan_ids
from lustrum.workspace.template import SCHEMA_FILE, SCHEMA_LINE, plan_template

PLAN_FILE = "lustrum.yaml"
#: What may be in a folder that still counts as empty: `git init` comes first for some.
_NOTHING = (".git", ".DS_Store")


@dataclass(frozen=True)
class Workspace:
    """A folder that holds `lustrum.yaml`."""

    root: Path

    @classmethod
    def open(cls, folder: str | Path = ".") -> Workspace:
        """Open a workspace.

        Raises
        ------
        WorkspaceError
            If the folder has no plan file.
        """
        root = Path(folder)
        with plain_errors("opening the workspace", root):
            if (root / PLAN_FILE).is_file():
                return cls(root)
            above = next((p for p in root.resolve().parents if (p / PLAN_FILE).is_file()), None)
        mend = (
            f"go to {above}, or name it: --workspace {above}"
            if above
            else ("`lustrum new DIR` makes a workspace; then `cd DIR`, or name it: --workspace DIR")
        )
        raise WorkspaceError(
            "not a workspace", where=str(root.resolve()), expected=f"a folder with {PLAN_FILE}", mend=mend
        )

    @property
    def plans(self) -> Path:
        """The folder of solved plans; it need not exist."""
        return self.root / "plans"

    def plan_file(self) -> tuple[PlanSpec, bytes]:
        """Read the plan file once: what it asks for, and its bytes as they stand.

        Raises
        ------
        SpecError
            If it cannot be read or asks for what no plan can be.
        """
        path = self.root / PLAN_FILE
        try:
            content = path.read_bytes()
            return PlanSpec.from_text(content.decode("utf-8-sig")), content
        except (OSError, UnicodeDecodeError) as e:
            found = e.strerror if isinstance(e, OSError) else "not UTF-8 text"
            raise SpecError(
                "plan file cannot be read", where=str(path), found=found, mend="check its rights; save it as UTF-8 text"
            ) from None

    def economy(self, spec: PlanSpec) -> Economy:
        """Load the accounts that a plan file names: a folder or file beside it, or an embedded economy.

        Raises
        ------
        SpecError, TableError
            If there are none by this name, or they cannot be read.
        """
        beside = self.root / spec.economy
        if beside.is_dir() or beside.is_file():
            return load_economy(beside)
        if spec.economy in embedded_names():
            return load_economy(spec.economy)
        expected, mend = unknown_label(spec.economy, embedded_names(), "embedded economy")
        raise SpecError(
            f"no economy {spec.economy!r}",
            where=f"{PLAN_FILE}: economy",
            expected=f"a folder beside {PLAN_FILE}, or {expected}",
            mend=mend,
        )

    def plan_ids(self) -> list[str]:
        """Return the ids of all plans, oldest first."""
        return plan_ids(self.plans)


def find_plan(plan: str | None, folder: str | Path = ".") -> Path:
    """Return the folder of a plan: by id, by path, or the latest one of the workspace.

    Raises
    ------
    WorkspaceError
        If there is no such plan, or no workspace to look in.
    """
    if plan is not None and (Path(plan) / "certificate.json").is_file():
        return Path(plan)
    if plan is not None and Path(plan).is_dir() and not (Path(folder) / "plans" / plan / "certificate.json").exists():
        raise WorkspaceError(
            "not a folder of a plan",
            where=plan,
            expected="a folder with certificate.json",
            mend="give the id or folder of a plan that `lustrum plan` made",
        )
    home = Workspace.open(folder)
    ids = home.plan_ids()
    if not ids:
        raise WorkspaceError("this workspace has no plans yet", where=str(home.root), mend="run `lustrum plan` first")
    if plan is None:
        return home.plans / ids[-1]
    if plan not in ids:
        expected, mend = unknown_label(plan, ids[::-1], "plan")
        raise WorkspaceError(f"no plan {plan!r}", where=str(home.plans), expected=expected, mend=mend)
    return home.plans / plan


def new_workspace(folder: str | Path, economy: str = "us-2019") -> Workspace:
    """Make a workspace in a new or empty folder.

    Parameters
    ----------
    economy
        The name of an embedded economy, a folder of tables, a workspace, or a file: .xlsx, .nc, .parquet.

    Raises
    ------
    WorkspaceError
        If the folder holds anything: nothing is ever overwritten.
    TableError
        If the economy cannot be found or read.
    """
    root = Path(folder)
    tables = _tables_of(economy)
    accounts = load_economy(tables)
    with plain_errors("making the workspace", root):
        if root.is_symlink() or (root.exists() and not root.is_dir()):
            raise WorkspaceError("that is not a folder", where=str(root), mend="choose a new folder")
        there = (
            [p.name for p in root.iterdir() if p.name not in _NOTHING and not p.name.startswith(PREFIX)]
            if (root.exists())
            else []
        )
        if there:
            raise WorkspaceError(
                "the folder is not empty, and nothing is ever overwritten",
                where=str(root),
                found=", ".join(sorted(there)[:5]) + (" …" if len(there) > 5 else ""),
                expected="a new or empty folder",
                mend="choose another name",
            )
        parent = root if root.exists() else root.parent
        parent.mkdir(parents=True, exist_ok=True)
        with aside_folder(parent) as aside:
            _fill(aside, tables, accounts)
            flush_tree(aside)
            if root.exists():
                # an empty folder may be someone's current one: fill it, the plan file last, which makes it whole
                for entry in sorted(aside.iterdir(), key=lambda p: p.name == PLAN_FILE):
                    os.rename(entry, root / entry.name)
            elif not take_place(aside, root):
                raise WorkspaceError(
                    "the folder has just been made by someone else", where=str(root), mend="choose another name"
                )
    return Workspace(root)


def _tables_of(economy: str) -> Path:
    """Where the tables of an economy are: a folder with economy.yaml, or a file."""
    if economy in embedded_names():
        return embedded_folder(economy) / "economy"
    path = Path(economy)
    if (path / "economy" / "economy.yaml").is_file() and not (path / "economy.yaml").exists():
        return path / "economy"
    if not path.exists():
        embedded_folder(economy)  # raises, with the nearest name
    return path


def _fill(folder: Path, tables: Path, accounts: Economy) -> None:
    target = folder / "economy"
    if tables.is_dir():
        _copy(tables, target)
    else:
        write_folder(accounts, target)
    beside = tables.parent if tables.is_dir() and (tables.parent / PLAN_FILE).is_file() else None
    text = plan_template(accounts)
    if beside is not None:
        text = _own_economy((beside / PLAN_FILE).read_bytes().decode("utf-8-sig"))
        if (beside / "README.md").is_file() and not (target / "README.md").exists():
            shutil.copyfile(beside / "README.md", target / "README.md")
        if (beside / "actuals").is_dir():
            for year in sorted(p for p in (beside / "actuals").iterdir() if p.is_dir()):
                _copy(year, folder / "actuals" / year.name)
    (folder / PLAN_FILE).write_text(text, encoding="utf-8")
    (folder / SCHEMA_FILE).write_text(PlanSpec.json_schema() + "\n", encoding="utf-8")


def _own_economy(text: str) -> str:
    """Point a plan file at the copied tables, so that changing them counts, and at the schema for editors."""
    text = re.sub(r"^economy:.*$", "economy: economy", text, count=1, flags=re.MULTILINE)
    if not re.search(r"^economy:", text, flags=re.MULTILINE):
        text = text.rstrip("\n") + "\neconomy: economy\n"
    return text if "yaml-language-server" in text else f"{SCHEMA_LINE}\n{text}"


def _copy(source: Path, target: Path) -> None:
    """Copy the tables and notes of a folder; new files, so that copies of read-only ones can be changed."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.suffix in (".csv", ".yaml", ".md"):
            shutil.copyfile(path, target / path.name)
