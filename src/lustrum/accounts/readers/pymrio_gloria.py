"""GLORIA through `pymrio.parse_gloria_sut`, kept as supply and use.

`pymrio.parse_gloria` gives coefficients only, from which flows would have to be solved for; supply and use are the
published figures, so the table is made of them: rectangular, rows products, columns industries.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import FinalUse, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.pymrio_system import kind_of
from lustrum.accounts.readers.world_closure import close_columns, close_rows
from lustrum.errors import TableError


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
