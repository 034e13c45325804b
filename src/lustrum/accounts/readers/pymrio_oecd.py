"""What `pymrio.parse_oecd` passes over in an OECD ICIO file: empty cells, and the totals that the file prints."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.extras import require
from lustrum.accounts.provenance import Change
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
