"""Our own folder of CSV files: the form a user's own country comes in, documented in docs/tables.md.

economy.yaml       name, base_year, money, publisher, licence, notes
products.csv …     one label file a set: code,name,unit,region (region and unit may be left out)
use.csv …          one file a field, wide or long
use_flows.csv …    base-year flows in place of coefficients; a coefficient file beside it speaks for
                   activities without base output (new techniques)
provenance.csv     what was done to the published figures (may be left out)
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from lustrum.accounts.cells import CsvGrid, Grid
from lustrum.accounts.economy import Economy, Source
from lustrum.accounts.readers.forms import FORMAT, KEYS, NAMES, Form, as_text, assemble, contents_of, source_of
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import MAX_TEXT, line_of, parse


def read_folder(folder: str | Path) -> Economy:
    """Read an economy from a folder of CSV files.

    Raises
    ------
    TableError
        With file, line and column, what was found, what was expected and how to mend it. Also for a
        file in the folder that belongs to no field: a misspelt table is never passed over.
    """
    root = Path(folder)
    if not root.is_dir():
        raise TableError("no such economy folder", where=str(root), mend="give the folder that holds economy.yaml")
    source = read_source(root / "economy.yaml")
    _nothing_else(root, {f"{name}.csv" for name in NAMES} | {"economy.yaml"})

    def grid(name: str) -> Grid | None:
        path = root / f"{name}.csv"
        return CsvGrid(path.name, read_rows(path)) if path.exists() else None

    return assemble(Form(str(root), lambda name: f"{name}.csv", grid), source)


def _nothing_else(root: Path, known: set[str]) -> None:
    """Pass over no misspelt table: every CSV or YAML file, and every sheet with a table's name, must be known."""
    stems = {name.rsplit(".", 1)[0] for name in known}
    for path in sorted(root.iterdir()):
        if path.name in known or path.name.startswith(".") or path.is_dir():
            continue
        kind = path.suffix.lower()
        if kind in (".csv", ".yaml", ".yml"):
            expected, mend = unknown_label(path.name, sorted(known), "file")
            raise TableError("no table goes by this name", where=path.name, expected=expected, mend=mend)
        if path.name.lower().split(".")[0] in stems and kind in (".tsv", ".txt", ".xlsx", ".xls", ".ods", ""):
            raise TableError(
                "tables are read from CSV files only",
                where=path.name,
                expected=f"{path.stem}.csv",
                mend="save the sheet as 'CSV UTF-8', or move the file elsewhere",
            )


def read_source(path: Path) -> Source:
    """Read economy.yaml.

    Raises
    ------
    TableError
        If it is missing, no text, or a key is unknown or holds what it cannot.
    """
    if not path.exists():
        raise TableError(
            "economy.yaml is missing",
            where=str(path.parent),
            mend=f"write one with: format: {FORMAT}, name, base_year, money; published tables come in by "
            "lustrum economy import",
        )
    if not path.is_file():
        raise TableError("not a file", where=str(path), found="a folder or device", mend="put a text file there")
    try:
        if path.stat().st_size > 4 * MAX_TEXT:
            raise TableError(
                "economy.yaml is too large",
                where=path.name,
                found=f"{path.stat().st_size:,} bytes",
                mend="keep only the keys " + ", ".join(KEYS),
            )
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise TableError(
            "file is not UTF-8 text",
            where=path.name,
            found=f"byte {e.start}: {e.reason}",
            mend="save it as plain text in UTF-8",
        ) from None
    except OSError as e:
        raise TableError("file cannot be read", where=str(path), found=e.strerror, mend="check path and rights") from e
    raw = parse(text, path.name, error=TableError, what="economy.yaml")

    def where(key: str) -> str:
        return f"{path.name}: {key}" if key in KEYS else f"{path.name}:{line_of(text, [key])}"

    return source_of(raw, where)


def write_folder(economy: Economy, folder: str | Path, flows: Mapping[str, np.ndarray] | None = None) -> None:
    """Write an economy as a folder of CSV files that `read_folder` reads back exactly.

    Figures are written with the shortest digits that give the same float again. `flows` replaces
    coefficients by named base-year flow tables (for embedded economies, where people look). The folder
    is written aside and then put in its place.

    Raises
    ------
    TableError
        If the folder holds anything: tables of other accounts beside these would be read as theirs.
    """
    root = Path(folder)
    if root.exists() and (not root.is_dir() or any(not p.name.startswith(".") for p in root.iterdir())):
        raise TableError(
            "the folder is not empty, and nothing is ever overwritten",
            where=str(root),
            expected="a new or empty folder",
            mend="choose another, or delete it first",
        )
    s = economy.source
    meta = {
        "format": FORMAT,
        "name": s.name,
        "title": s.title,
        "base_year": s.base_year,
        "money": s.money,
        "publisher": s.publisher,
        "licence": s.licence,
        "notes": list(s.notes),
    }
    root.parent.mkdir(parents=True, exist_ok=True)
    aside = root.with_name(f".{root.name}.{os.getpid()}")
    try:
        aside.mkdir()
        for name, rows in contents_of(economy, flows).items():
            _write(aside / f"{name}.csv", _csv([as_text(row) for row in rows]))
        _write(aside / "economy.yaml", yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100))
        if not root.exists():
            os.rename(aside, root)
        else:  # it may be someone's current folder, or hold a .git: economy.yaml comes last and makes it whole
            for path in sorted(aside.iterdir(), key=lambda p: p.suffix != ".csv"):
                os.rename(path, root / path.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
