"""A solved plan on disk: `plans/<id>/`, complete in itself, sealed, never overwritten.

plan.nc           values and marginal values of every stage, exact to the last bit, readable by any NetCDF tool
economy.nc        the accounts it was made from
lustrum.yaml      the plan file as it was given
summary.json      what `lustrum plan --json` printed
sheets/, sheets.csv   a sheet for every sector, and all of them as one long table
certificate.json  status, method, certificate of every stage, digest of the accounts, sha256 of each file

Groups of plan.nc: `values`, then `stage_0`, `stage_1` … Arrays of one group may cover different years, so a dimension
is called `year`, `year_2` … after its labels; the attribute `dims` of an array holds the plain names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import xarray as xr
import yaml

from lustrum.accounts.readers.netcdf import read_netcdf, write_netcdf
from lustrum.errors import WorkspaceError
from lustrum.labels import unknown_label
from lustrum.lp.lexicographic import BOUND, FORMER_NAME
from lustrum.lp.solution import Certificate
from lustrum.planning.plan import Plan, Stage
from lustrum.planning.sheets import COLUMNS, Sheet, every_sheet, sheet_rows
from lustrum.planning.spec import PlanSpec
from lustrum.planning.summary import document
from lustrum.workspace.aside import aside_folder, flush_tree, plain_errors, sweep, take_place, write_through

FORMAT = "lustrum-plan/1"
_ID = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{3,})")


def save_plan(plan: Plan, plans: str | Path, text: bytes | None = None) -> Path:
    """Save a plan under a new id in the folder `plans`; return its own folder.

    Parameters
    ----------
    text
        The plan file as it was given, kept byte for byte; without it the plan's spec is written.

    Raises
    ------
    WorkspaceError
        If the folder cannot be written. Whatever happens, `plans` holds whole plans only.
    """
    root = Path(plans)
    given = _plan_file(plan.spec) if text is None else text
    if PlanSpec.from_text(given.decode("utf-8-sig")) != plan.spec:
        raise WorkspaceError(
            "the plan file kept with a plan must be the one it was made from",
            mend="pass the text that the plan's spec was read from, or none",
        )
    sheets = every_sheet(plan)
    with plain_errors("saving the plan", root):
        root.mkdir(parents=True, exist_ok=True)
        sweep(root)
        with aside_folder(root) as aside:
            groups = {"values": plan.values} | {f"stage_{k}": s.marginal_values for k, s in enumerate(plan.stages)}
            try:
                write_arrays(aside / "plan.nc", groups)
                write_netcdf(plan.economy, aside / "economy.nc")
            except RuntimeError as e:  # how HDF5 tells of a full disk
                raise OSError(None, str(e).split("\n")[0]) from None
            (aside / "lustrum.yaml").write_bytes(given)
            _write_sheets(aside, sheets)
            flush_tree(aside)
            while True:
                name = _next_id(root)
                write_through(aside / "summary.json", json_bytes(document(plan, name)))
                write_through(aside / "certificate.json", json_bytes(_certificate(plan, aside)))
                if take_place(aside, root / name):
                    return root / name


def _plan_file(spec: PlanSpec) -> bytes:
    """Write a spec so that it reads back equal: years stay numbers, which JSON's keys cannot be."""
    body = spec.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    return str(yaml.safe_dump({"lustrum": 1, **body}, sort_keys=False, allow_unicode=True)).encode()


def _write_sheets(folder: Path, sheets: Mapping[str, Sheet]) -> None:
    (folder / "sheets").mkdir()
    for code, name in sheet_files(list(sheets)).items():
        (folder / "sheets" / name).write_bytes(json_bytes(sheets[code]))
    (folder / "sheets.csv").write_bytes(sheets_table(sheets))


def sheets_table(sheets: Mapping[str, Sheet]) -> bytes:
    """Return all sheets as one long CSV table."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for sheet in sheets.values():
        table.writerows(sheet_rows(sheet))
    return out.getvalue().encode()


def sheet_files(codes: list[str]) -> dict[str, str]:
    """Return a file name for every sector that any file system takes, even one that ignores case."""
    out: dict[str, str] = {}
    used: set[str] = set()
    for code in codes:
        stem = quote(code, safe=" ()+,=@[]{}")
        stem = ("%2E" + stem[1:] if stem.startswith(".") else stem).rstrip(" ")
        if len(stem) > 100 or stem.casefold() in used or not stem:
            stem = f"{stem[:80]}~{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        used.add(stem.casefold())
        out[code] = f"{stem}.json"
    return out


def json_bytes(content: object) -> bytes:
    """Return JSON with every digit, as a file that ends in a newline."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _next_id(plans: Path) -> str:
    today = date.today().isoformat()
    numbers = [0]
    for name in os.listdir(plans):
        if (found := _ID.fullmatch(name)) and found[1] == today:
            numbers.append(int(found[2]))
    return f"{today}-{max(numbers) + 1:03d}"


def _certificate(plan: Plan, folder: Path) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "lustrum": version("lustrum"),
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": plan.status,
        "method": plan.method,
        "seconds": plan.seconds,
        "stages": [
            {
                "name": s.name,
                "objective": s.objective,
                "certificate": {
                    k: getattr(s.certificate, k) for k in ("primal_residual", "dual_residual", "gap", "tolerance")
                },
            }
            for s in plan.stages
        ],
        "notes": list(plan.notes),
        "economy": {"name": plan.economy.source.name, "digest": plan.economy.digest},
        "sha256": file_seals(folder),
    }


def file_seals(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a plan but the certificate itself."""
    out = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name != "certificate.json":
            out[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return out


def read_json(path: Path) -> Any:
    """Read a JSON file of a plan.

    Raises
    ------
    WorkspaceError
        If it is missing, cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise WorkspaceError(
            "a file of the plan is missing", where=str(path), mend="restore it from a copy, or plan again"
        ) from None
    except OSError as e:
        raise WorkspaceError(
            "a file of the plan cannot be read", where=str(path), found=e.strerror, mend="check the rights of the file"
        ) from None
    except (ValueError, RecursionError) as e:
        raise WorkspaceError(
            "a file of the plan is damaged",
            where=str(path),
            found=str(e)[:80],
            mend="restore it from a copy, or plan again",
        ) from None


def read_certificate(folder: str | Path) -> dict[str, Any]:
    """Read the certificate of a plan's folder; the error says what is wrong if it is not one."""
    root = Path(folder)
    if not (root / "certificate.json").is_file():
        raise WorkspaceError(
            "not a folder of a plan",
            where=str(root),
            expected="a folder with certificate.json",
            mend="give the id or folder of a plan that `lustrum plan` made",
        )
    content = read_json(root / "certificate.json")
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise WorkspaceError(
            "not a certificate that this version reads",
            where=str(root / "certificate.json"),
            found=found,
            expected=FORMAT,
        )
    return content


def load_plan(folder: str | Path) -> Plan:
    """Load a plan from its folder, every figure and label exact.

    Only the folder's own files are read. What they claim is not checked here: `verify` does that.

    Raises
    ------
    WorkspaceError, TableError, SpecError
        If the folder is not a plan, or a file of it is missing or damaged.
    """
    root = Path(folder)
    record = read_certificate(root)
    arrays = read_arrays(root / "plan.nc")
    economy = read_netcdf(root / "economy.nc")
    spec = PlanSpec.from_yaml(root / "lustrum.yaml")
    try:
        stages = tuple(
            Stage(
                str(s["name"]),
                float(s["objective"]),
                _with_todays_names(arrays[f"stage_{k}"]),
                Certificate(
                    *(float(s["certificate"][key]) for key in ("primal_residual", "dual_residual", "gap", "tolerance"))
                ),
            )
            for k, s in enumerate(record["stages"])
        )
        return Plan(
            economy,
            spec,
            record["status"],
            arrays["values"],
            stages,
            record["method"],
            float(record["seconds"]),
            tuple(record["notes"]),
        )
    except (KeyError, TypeError, ValueError) as e:
        raise WorkspaceError(
            "the certificate does not fit the plan's arrays",
            where=str(root),
            found=repr(e)[:80],
            mend="restore the folder from a copy, or plan again",
        ) from None


def _with_todays_names(families: Mapping[str, Any]) -> dict[str, Any]:
    """Marginal values by family; the name that a family had in earlier versions is read as today's."""
    return {BOUND if name == FORMER_NAME else name: array for name, array in families.items()}


def plan_ids(plans: Path) -> list[str]:
    """Return the ids in a folder of plans, oldest first; what killed runs left is passed over."""
    try:
        names = [n for n in os.listdir(plans) if _ID.fullmatch(n)]
    except FileNotFoundError:
        return []
    except OSError as e:
        raise WorkspaceError("the folder of plans cannot be read", where=str(plans), found=e.strerror) from None
    return sorted(names, key=lambda n: (n[:10], int(n[11:])))


def read_sheet(folder: Path, sector: str) -> Sheet:
    """Read one sector's sheet.

    Raises
    ------
    WorkspaceError
        If there is no such sector, with the nearest spelling.
    """
    codes = sector_codes(folder)
    if sector not in codes:
        expected, mend = unknown_label(sector, codes, "sector")
        raise WorkspaceError(f"this plan has no sector {sector!r}", expected=expected, mend=mend)
    sheet: Sheet = read_json(folder / "sheets" / sheet_files(codes)[sector])
    return sheet


def sector_codes(folder: Path) -> list[str]:
    """Return the sectors of a plan in the order of its accounts."""
    try:
        text = (folder / "sheets.csv").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise WorkspaceError(
            "the plan's table of sheets cannot be read",
            where=str(folder / "sheets.csv"),
            found=str(e)[:80],
            mend="restore it from a copy, or plan again",
        ) from None
    rows = csv.reader(io.StringIO(text))
    next(rows, None)
    return list(dict.fromkeys(row[0] for row in rows if row))


ARRAYS_FORMAT = "lustrum-plan-nc/1"


def write_arrays(path: Path, groups: Mapping[str, Mapping[str, xr.DataArray]]) -> None:
    """Write groups of labelled arrays into one file."""
    xr.Dataset(attrs={"format": ARRAYS_FORMAT, "groups": json.dumps(list(groups))}).to_netcdf(path, engine="h5netcdf")
    for group, arrays in groups.items():
        dataset = _dataset(arrays)
        encoding = {
            str(n): {"zlib": True, "complevel": 1, "_FillValue": None} for n, v in dataset.data_vars.items() if v.ndim
        }
        dataset.to_netcdf(path, engine="h5netcdf", mode="a", group=group, encoding=encoding)


def _dataset(arrays: Mapping[str, xr.DataArray]) -> xr.Dataset:
    names: dict[tuple[str, tuple[object, ...]], str] = {}
    variables: dict[str, xr.Variable] = {}
    coordinates: dict[str, list[object]] = {}
    for name, array in arrays.items():
        dims = []
        for dim in map(str, array.dims):
            labels = tuple(array[dim].values.tolist())
            if (dim, labels) not in names:
                others = sum(d == dim for d, _ in names)
                names[dim, labels] = f"{dim}_{others + 1}" if others else dim
                coordinates[names[dim, labels]] = list(labels)
            dims.append(names[dim, labels])
        attrs = {"dims": json.dumps([str(d) for d in array.dims])}
        # a variable may be called as a dimension is; a prefix keeps them apart
        variables[f"v_{name}"] = xr.Variable(dims, np.asarray(array.values, dtype=np.float64), attrs)
    return xr.Dataset(variables, coords=coordinates)


def read_arrays(path: Path) -> dict[str, dict[str, xr.DataArray]]:
    """Read what `write_arrays` wrote.

    Raises
    ------
    WorkspaceError
        If the file is missing, damaged or not of this format.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as head:
            if head.attrs.get("format") != ARRAYS_FORMAT:
                found = str(head.attrs.get("format"))
                raise WorkspaceError("not the arrays of a plan", where=str(path), expected=ARRAYS_FORMAT, found=found)
            groups = json.loads(head.attrs["groups"])
        return {group: _read_group(path, group) for group in groups}
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as e:
        raise WorkspaceError(
            "the arrays of a plan cannot be read",
            where=str(path),
            found=str(e).split("\n")[0],
            mend="the file was cut short or changed: restore it, or plan again",
        ) from None


def _read_group(path: Path, group: str) -> dict[str, xr.DataArray]:
    with xr.open_dataset(path, engine="h5netcdf", group=group, mask_and_scale=False) as file:
        dataset = file.load()
    out = {}
    for key, array in dataset.data_vars.items():
        name = str(key).removeprefix("v_")
        plain = json.loads(array.attrs["dims"])
        labels = {p: dataset[d].values.tolist() for p, d in zip(plain, array.dims, strict=True)}
        out[name] = xr.DataArray(np.asarray(array.values), dims=plain, coords=labels, name=name)
    return out
