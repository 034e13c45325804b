"""What `pymrio.parse_eora26` drops: the region ROW, which holds Eora's statistical discrepancy.

pymrio takes its rows and columns out, and so output would be too small by what was sold to it. Output is read from the
files here, so that the sales show as residual of rows and the purchases as residual of columns.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.extras import require
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError

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
