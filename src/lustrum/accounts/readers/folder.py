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
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
import yaml

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.fields import BY_NAME, FIELDS, FLOWS, SETS, Field, Flow
from lustrum.accounts.flows import from_flows
from lustrum.accounts.provenance import COLUMNS, Change
from lustrum.accounts.tables import read_array, read_rows
from lustrum.errors import BadInput, TableError
from lustrum.labels import labelled, unknown_label
from lustrum.strict_yaml import CONTROL, MAX_TEXT, clip, line_of, parse

FORMAT = "lustrum-economy/1"
PROVENANCE = "provenance.csv"
_LABEL_COLUMNS = ("code", "name", "unit", "region")
_RESERVED = ("all", "value")
_KEYS = ("format", "name", "title", "base_year", "money", "publisher", "licence", "notes")


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
    source = _read_source(root / "economy.yaml")
    sets = {dim: _read_labels(root / file) for dim, file in SETS.items() if (root / file).exists()}
    for needed in ("product", "activity"):
        if needed not in sets:
            raise TableError(f"{SETS[needed]} is missing", where=str(root), mend=f"list the {needed} codes in it")
    codes: dict[str, Sequence[str]] = {d: s.codes for d, s in sets.items()}
    tables: dict[str, Field | Flow] = {**{f.name: f for f in FIELDS}, **{f.name: f for f in FLOWS}}
    known = {f"{t}.csv" for t in tables} | set(SETS.values()) | {"economy.yaml", PROVENANCE}
    data: dict[str, xr.DataArray] = {}
    flows: dict[str, np.ndarray] = {}
    _nothing_else(root, known)
    for name, table in tables.items():
        path = root / f"{name}.csv"
        if not path.exists():
            continue
        for dim in table.dims:
            if dim not in sets:
                raise TableError(f"{path.name} needs {SETS[dim]}", where=str(root), mend=f"list the {dim} codes in it")
        field = BY_NAME.get(name)
        is_bool = field is not None and field.sign == "bool"
        yearly = field is not None and field.yearly
        array, years = read_array(path, table.dims, dict(codes), yearly=yearly, is_bool=is_bool)
        if field is None:
            flows[name] = array
        else:
            labels: dict[str, Sequence[object]] = {d: codes[d] for d in table.dims}
            dims = table.dims
            if years:
                dims, labels["year"] = (*dims, "year"), years
            data[name] = labelled(array.astype(bool) if is_bool else array, dims, labels, name)
    try:
        return Economy(source, sets, from_flows(data, flows, codes), _read_provenance(root / PROVENANCE))
    except BadInput as e:  # what concerns the tables together names no file of its own
        raise e if e.where else type(e)(e.what, where=str(root), found=e.found, expected=e.expected,
                                        mend=e.mend) from None  # fmt: skip


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
            raise TableError("tables are read from CSV files only", where=path.name, expected=f"{path.stem}.csv",
                             mend="save the sheet as 'CSV UTF-8', or move the file elsewhere")  # fmt: skip


def _read_source(path: Path) -> Source:
    if not path.exists():
        raise TableError("economy.yaml is missing", where=str(path.parent),
                         mend=f"write one with: format: {FORMAT}, name, base_year, money")  # fmt: skip
    if not path.is_file():
        raise TableError("not a file", where=str(path), found="a folder or device", mend="put a text file there")
    try:
        if path.stat().st_size > 4 * MAX_TEXT:
            raise TableError("economy.yaml is too large", where=path.name, found=f"{path.stat().st_size:,} bytes",
                             mend="keep only the keys " + ", ".join(_KEYS))  # fmt: skip
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise TableError("file is not UTF-8 text", where=path.name, found=f"byte {e.start}: {e.reason}",
                         mend="save it as plain text in UTF-8") from None  # fmt: skip
    except OSError as e:
        raise TableError("file cannot be read", where=str(path), found=e.strerror,
                         mend="check path and rights") from e  # fmt: skip
    raw = parse(text, path.name, error=TableError, what="economy.yaml")
    for key in raw:
        if key not in _KEYS:
            expected, mend = unknown_label(key, _KEYS, "key")
            where = f"{path.name}:{line_of(text, [key])}"
            raise TableError(f"unknown key {clip(key)}", where=where, expected=expected, mend=mend)
    if raw.get("format") != FORMAT:
        raise TableError("format is not one this version reads", where=f"{path.name}: format",
                         found=clip(raw.get("format")), expected=FORMAT, mend=f"write `format: {FORMAT}`")  # fmt: skip
    year = raw.get("base_year")
    if not isinstance(year, int) or isinstance(year, bool) or not 0 <= year <= 9999:
        raise TableError("base_year is not a year", where=f"{path.name}: base_year", found=clip(year),
                         expected="a calendar year such as 2019", mend="write base_year: 2019, no quotes")  # fmt: skip
    name = raw.get("name")
    if not isinstance(name, str) or not name or len(name) > 200 or CONTROL.search(name):
        raise TableError("name is missing or no name", where=f"{path.name}: name", found=clip(name),
                         expected="a short name on one line", mend="write name: and a word")  # fmt: skip
    notes = raw.get("notes") or []
    if not isinstance(notes, list) or not all(isinstance(n, str) for n in notes):
        raise TableError("notes must be a list of sentences", where=f"{path.name}: notes", found=clip(notes),
                         mend="begin each note with a dash; put notes with a colon in quotes")  # fmt: skip
    for key in ("title", "money", "publisher", "licence"):
        if not isinstance(raw.get(key, ""), str) or CONTROL.search(raw.get(key, "")):
            raise TableError(f"{key} must be text on one line", where=f"{path.name}: {key}", found=clip(raw[key]),
                             mend="put it in quotes, on one line")  # fmt: skip
    return Source(name, raw.get("title", ""), year, raw.get("money", ""), raw.get("publisher", ""),
                  raw.get("licence", ""), tuple(notes))  # fmt: skip


def _read_labels(path: Path) -> Labels:
    rows = read_rows(path)
    header = rows[0]
    if "code" not in header or not set(header) <= set(_LABEL_COLUMNS) or len(set(header)) != len(header):
        raise TableError("columns of a label file are not understood", where=f"{path.name}:1",
                         found=clip(",".join(header), 80), expected="code,name,unit,region (the last three optional)",
                         mend="name the columns as expected")  # fmt: skip
    columns: dict[str, list[str]] = {h: [r[k] for r in rows[1:]] for k, h in enumerate(header)}
    first: dict[str, int] = {}
    for line, code in enumerate(columns["code"], 2):
        if not code:
            raise TableError("code is empty", where=f"{path.name}:{line}:code", mend="give every label a code")
        if code in _RESERVED and (code != "all" or len(rows) > 2):
            raise TableError(f"code {code!r} has a meaning of its own", where=f"{path.name}:{line}:code",
                             found="`all` stands for every label" if code == "all" else "`value` heads a column",
                             mend="choose another code")  # fmt: skip
        if len(code) > 100:
            raise TableError("code is too long", where=f"{path.name}:{line}:code", found=clip(code),
                             expected="at most 100 characters",
                             mend="shorten it; long names go in the name column")  # fmt: skip
        if code in first:
            raise TableError(f"code {code!r} stands twice", where=f"{path.name}:{line}:code",
                             found=f"first on line {first[code]}", mend="give each label its own code")  # fmt: skip
        first[code] = line
    if not first:
        raise TableError("no labels", where=path.name, expected="at least one row below the header",
                         mend="list the codes, or delete the file")  # fmt: skip
    return Labels(tuple(columns["code"]), *(tuple(columns.get(c, ())) for c in ("name", "unit", "region")))


def _read_provenance(path: Path) -> tuple[Change, ...]:
    if not path.exists():
        return ()
    header, *rows = read_rows(path)
    if tuple(header) != COLUMNS:
        raise TableError("columns of the provenance record are not understood", where=f"{path.name}:1",
                         found=clip(",".join(header), 80), expected=",".join(COLUMNS),
                         mend="restore them, or delete the file")  # fmt: skip
    out = []
    for line, row in enumerate(rows, 2):
        cells: dict[str, object] = dict(zip(COLUMNS, row, strict=True))
        for column in ("amount", "of"):
            try:
                figure = float(str(cells[column]))
            except ValueError:
                figure = math.nan
            if not math.isfinite(figure):
                raise TableError("not a number", where=f"{path.name}:{line}:{column}", found=clip(cells[column]),
                                 mend="write 0 if no figure moved")  # fmt: skip
            cells[column] = figure
        out.append(Change(**cells))  # type: ignore[arg-type]
    return tuple(out)


def write_folder(economy: Economy, folder: str | Path, flows: Mapping[str, np.ndarray] | None = None) -> None:
    """Write an economy as a folder of CSV files that `read_folder` reads back exactly.

    Figures are written with the shortest digits that give the same float again. `flows` replaces
    coefficients by named base-year flow tables (for embedded economies, where people look).
    """
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    s = economy.source
    meta = {"format": FORMAT, "name": s.name, "title": s.title, "base_year": s.base_year, "money": s.money,
            "publisher": s.publisher, "licence": s.licence, "notes": list(s.notes)}  # fmt: skip
    _write(root / "economy.yaml", yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100))
    for dim, labels in economy.sets.items():
        columns = [c for c in _LABEL_COLUMNS if c == "code" or any(getattr(labels, c + "s"))]
        rows = [[getattr(labels, c + "s")[k] for c in columns] for k in range(len(labels.codes))]
        _write(root / SETS[dim], _csv([columns, *rows]))
    replaced = {f.gives for f in FLOWS if flows and f.name in flows}
    for name, array in economy.data.items():
        if name not in replaced:
            _write(root / f"{name}.csv", _table(array, BY_NAME[name].sign == "bool"))
    for flow in FLOWS:
        if flows and flow.name in flows:
            array = labelled(flows[flow.name], flow.dims, {d: economy.codes(d) for d in flow.dims}, flow.name)
            _write(root / f"{flow.name}.csv", _table(array, False))
    if economy.provenance:
        lines = [[c.step, c.where, c.what, _digits(c.amount), _digits(c.of), c.why] for c in economy.provenance]
        _write(root / PROVENANCE, _csv([COLUMNS, *lines]))


def _table(array: xr.DataArray, is_bool: bool) -> str:
    dims = [str(d) for d in array.dims]
    labels = [[str(c) for c in array[d].values] for d in dims]
    values = np.asarray(array.values)
    if len(dims) == 2 and "year" not in dims and np.count_nonzero(values) > 0.25 * values.size:
        head = [f"{dims[0]} \\ {dims[1]}", *labels[1]]
        return _csv([head, *([r, *map(_digits, row)] for r, row in zip(labels[0], values, strict=True))])
    keep = np.argwhere((values != 0) if len(dims) > 1 else np.ones_like(values, dtype=bool))
    if "year" in dims:  # a year whose cells are all zero must still be there when read again
        empty = [t for t in range(values.shape[-1]) if not np.any(values[..., t])]
        keep = np.concatenate([keep, [[0] * (len(dims) - 1) + [t] for t in empty]]) if empty else keep
    words = ("false", "true")
    rows = [
        [labels[k][i] for k, i in enumerate(at)]
        + [words[int(values[tuple(at)])] if is_bool else _digits(values[tuple(at)])]
        for at in keep
    ]
    return _csv([[*dims, "value"], *rows])


def _digits(x: float) -> str:
    """Shortest decimal that reads back as the same float; no trailing `.0`."""
    text = repr(float(x))
    return text[:-2] if text.endswith(".0") else text


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)
