"""Layouts of world tables that pymrio reads in part: OECD ICIO, Eora26 and GLORIA.

`pymrio.parse_oecd` passes over empty cells and the totals that the file prints; `pymrio.parse_eora26` drops the region
ROW, which holds Eora's statistical discrepancy; `pymrio.parse_gloria` gives coefficients only, from which flows would
have to be solved for, so that GLORIA is read as supply and use, rectangular as published.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.extras import require
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.pymrio_system import kind_of
from lustrum.accounts.readers.world_closure import close_columns, close_rows
from lustrum.errors import TableError

#: The printed totals are sums of rounded cells; beyond this share of output they are of another table.
APART = 1e-3
_OUTPUT = ("OUT", "TOTAL", "OUTPUT")


def check_oecd(path: Path, year: int, system: Any, notes: list[Change]) -> None:
    """Compare the file's own totals with the system, put its output into the system, and count empty cells.

    Raises
    ------
    TableError
        If rows of the system and the printed output differ by more than rounding.
    """
    csv = require("pyarrow.csv", "mrio", "world tables in files of their databases need")

    file = (
        path
        if path.is_file()
        else next(
            p for p in sorted(path.iterdir()) if p.suffix.lower() in (".csv", ".zip") and str(year) in p.stem[-8:]
        )
    )
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            raw = csv.read_csv(io.BytesIO(archive.read(archive.namelist()[0])))
    else:
        raw = csv.read_csv(file)
    empty = sum(int(raw[n].null_count) for n in raw.column_names[1:])
    if empty:
        notes.append(Change("empty cells", file.name, f"{empty:,} empty cells were read as 0 by pymrio"))
    rows = [str(r) for r in raw.column(0).to_pylist()]
    column = next((n for n in raw.column_names[1:] if n in _OUTPUT), None)
    if column is None:
        notes.append(Change("output", file.name, "the file has no column of output to compare with"))
        return
    printed = dict(zip(rows, np.nan_to_num(raw[column].to_numpy().astype(np.float64)).tolist(), strict=True))
    output = np.array([_printed(printed, r, s) for r, s in system.Z.index])
    made = system.Z.to_numpy().sum(axis=1) + system.Y.to_numpy().sum(axis=1)
    left, total = np.abs(output - made), float(np.abs(output).sum())
    if total <= 0 or left.sum() > APART * total:
        worst = int(left.argmax())
        raise TableError(
            "rows do not add up to the printed output",
            where=str(file),
            found=f"{system.Z.index[worst]}: {made[worst]:,.6g}",
            expected=f"{output[worst]:,.6g}",
            mend="the file is cut or changed: fetch it again",
        )
    import pandas as pd

    system.x = pd.DataFrame({"indout": output}, index=system.Z.index)


def _printed(printed: dict[str, float], region: str, sector: str) -> float:
    """Output of a sector; that of China and Mexico is the sum of their parts, as pymrio adds them up."""
    parts = {"CHN": r"CN\d", "MEX": r"MX\d"}.get(region, r"(?!)")
    return sum(
        v for k, v in printed.items() if k == f"{region}_{sector}" or re.fullmatch(f"{parts}_{re.escape(sector)}", k)
    )


DROPPED = "ROW"


def check_eora(path: Path, year: int, system: Any, notes: list[Change]) -> None:
    """Put the output of the files into the system, and state what pymrio dropped.

    Raises
    ------
    TableError
        If the files hold other sectors than the system.
    """
    import pandas as pd

    fetch = _source(path, year)
    flows, final = _figures(fetch(f"Eora26_{year}_bp_T.txt")), _figures(fetch(f"Eora26_{year}_bp_FD.txt"))
    regions, buyers = _regions(fetch("labels_T.txt")), _regions(fetch("labels_FD.txt"))
    kept, home = regions != DROPPED, buyers != DROPPED
    if int(kept.sum()) != len(system.Z):
        raise TableError(
            "labels and figures of the files differ",
            where=str(path),
            found=f"{int(kept.sum())} sectors in labels_T.txt",
            expected=f"{len(system.Z)}",
            mend="fetch the files again, all of one release",
        )
    sold = float(np.abs(flows[kept][:, ~kept]).sum() + np.abs(final[kept][:, ~home]).sum())
    bought = float(np.abs(flows[~kept][:, kept]).sum() + np.abs(final[~kept][:, home]).sum())
    total = float(np.abs(flows).sum() + np.abs(final).sum())
    if (~kept).any() or (~home).any():
        notes.append(
            Change(
                "left out",
                f"region {DROPPED}",
                f"it takes {sold:,.6g} from the other regions and gives them "
                f"{bought:,.6g}; that is part of the residuals of rows and columns",
                sold + bought,
                total,
                "it is a statistical discrepancy, and pymrio drops it",
            )
        )
    output = (flows.sum(axis=1) + final.sum(axis=1))[kept]
    system.x = pd.DataFrame({"indout": output}, index=system.Z.index)


def _source(path: Path, year: int) -> Callable[[str], bytes]:
    if path.is_dir() and (path / f"Eora26_{year}_bp_T.txt").is_file():
        return lambda name: (path / name).read_bytes()
    archive = path if path.is_file() else next(iter(sorted(path.glob(f"Eora26_{year}_bp.zip"))), path)

    def fetch(name: str) -> bytes:
        for file in (archive, archive.parent / "indices.zip"):
            if file.is_file():
                with zipfile.ZipFile(file) as inside:
                    if name in inside.namelist():
                        return inside.read(name)
        raise TableError(f"{name} is missing", where=str(archive), mend="fetch the archive again, with indices.zip")

    return fetch


def _figures(data: bytes) -> Figures:
    csv = require("pyarrow.csv", "mrio", "world tables in files of their databases need")

    table = csv.read_csv(
        io.BytesIO(data),
        read_options=csv.ReadOptions(autogenerate_column_names=True),
        parse_options=csv.ParseOptions(delimiter="\t"),
    )
    return np.column_stack([c.to_numpy().astype(np.float64) for c in table.columns])


def _regions(data: bytes) -> np.ndarray:
    return np.array([line.split("\t")[1] for line in data.decode("utf-8").splitlines() if line.strip()])


def read_gloria(path: Path, year: int) -> FlowTable:
    """Read the supply-use tables of one year from a folder as GLORIA is published."""
    import pymrio

    version = next((p.name.split("_")[2] for p in sorted(path.glob(f"GLORIA_MRIOs_*_{year}*"))), None)
    if version is None:
        raise TableError(
            f"the folder has no tables of {year}",
            where=str(path),
            expected=f"GLORIA_MRIOs_VV_{year}.zip",
            mend="name another year",
        )
    parts, meta = pymrio.parse_gloria_sut(path, year, version=int(version))
    supply = parts["V"].to_numpy(dtype=np.float64).T.copy()
    use, final = (parts[k].to_numpy(dtype=np.float64).copy() for k in ("U", "Y"))
    for name, figures in (("supply", supply), ("use", use), ("final demand", final)):
        if np.isnan(figures).any():
            raise TableError(f"{name} has empty cells", where=str(path), mend="fetch the files again")
    products, activities = _labels(parts["U"].index), _labels(parts["U"].columns)
    done = [
        Change("changed by pymrio", "", text)
        for line in (getattr(meta, "modification_history", None) or [])
        if "([])" not in (text := str(line).split(" - ")[-1].strip())
    ]
    uses = []
    for region, category in parts["Y"].columns:
        kind = kind_of(str(category))
        if kind is None:
            done.append(Change("unknown final use", f"{region}: {category}", "it is kept as an adjustment"))
        uses.append(FinalUse(f"{region}.{category}", f"{region}: {category}", kind or "adjustment", str(region)))
    added = parts["VA"].groupby(level=1, sort=False).sum()
    q = parts["Q"]
    satellite = (
        {}
        if not len(q)
        else {
            "satellites": Satellite(
                Labels(
                    tuple(f"{r[0]} ({k})" for k, r in enumerate(q.index)),
                    tuple(str(r[0]) for r in q.index),
                    tuple(str(r[2]) for r in q.index),
                ),
                q.to_numpy(dtype=np.float64).copy(),
            )
        }
    )
    table = FlowTable(
        Source(
            f"gloria-{year}",
            f"GLORIA {year}, version {version}",
            year,
            "thousand USD",
            "GLORIA, Global Resource Input-Output Assessment",
        ),
        products,
        activities,
        supply,
        use,
        tuple(uses),
        final,
        Labels(tuple(str(k) for k in added.index)),
        added.to_numpy(dtype=np.float64).copy(),
        satellites=satellite,
        provenance=tuple(done),
    )
    table = close_rows(table, "adjustment", str(path), "supply of the source and the uses it lists differ")
    return close_columns(table, "output of the source and the inputs it lists differ")


def _labels(index: Any) -> Labels:
    codes = tuple(f"{r}.{s}" for r, s in index)
    return Labels(codes, tuple(f"{r}: {s}" for r, s in index), (), tuple(str(r) for r, _ in index))
