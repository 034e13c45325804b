"""From any `pymrio.IOSystem` to a `FlowTable`: symmetric tables of regions and sectors with their extensions.

Z, Y and the extensions are read, x where the system has it; A and L are not needed and never used, since flows
derived from them drift. Labels are compared, not aligned; empty cells are refused or counted; rows and columns
that do not close are stated (`world_closure`). Extra `mrio`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable, Kind
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.pymrio_extensions import beside, money_words
from lustrum.accounts.readers.world_closure import Residual, close_columns, close_rows
from lustrum.errors import LabelError, TableError
from lustrum.labels import require_equal

if TYPE_CHECKING:
    import pandas as pd

#: Words in the names of final use, as EXIOBASE, OECD, WIOD (codes and names), Eora and GLORIA write them.
KINDS: tuple[tuple[str, Kind], ...] = (
    (r"non-?profit|npish|nps|npis|^c38$|p\.?3n", "nonprofit"),
    (r"household|^hfce$|^c37$|p\.?3h|^dirp$|^dpabr$|^p33$|private consumption", "household"),
    (r"government|^ggfc$|^c39$|p\.?3g", "government"),
    (r"gross fixed capital|^gfcf$|^c41$|p\.?51", "investment"),
    (r"inventor|^invnt$|^inv$|^c42$|p\.?52", "inventories"),
    (r"valuables|p\.?53", "valuables"),
    (r"^exports?\b", "exports"),
    (r"^disc$|discrepanc|adjust", "adjustment"),
)
#: What is done with an empty cell of Z, Y or x.
Missing = Literal["refuse", "zero"]
OUTSIDE = Labels(("world",), ("Outside the table",))


def from_pymrio(
    system: Any,
    *,
    year: int,
    name: str = "",
    title: str = "",
    publisher: str = "",
    missing: Missing = "refuse",
    residual: Residual = "adjustment",
    kinds: Mapping[str, Kind] | None = None,
    value_added: str | None = None,
    notes: tuple[Change, ...] = (),
) -> FlowTable:
    """Return the flows of a `pymrio.IOSystem`.

    Parameters
    ----------
    system
        With Z (or A and x) and Y; everything else may be missing.
    year
        Year of the flows, which a system does not carry.
    missing
        `refuse` an empty cell of Z, Y or x, or read it as `zero` and state how many there were.
    residual
        Where the part of output goes that rows do not account for (`world_closure.close_rows`).
    kinds
        Kind of each category of final use; the others are told by their names.
    value_added
        Extension whose money rows are value added; found by name if None.
    notes
        What was done to the figures before.

    Raises
    ------
    TableError, LabelError
        If labels of the parts differ, cells are empty, units are mixed, or rows do not close.
    """
    where = name or str(getattr(system, "name", "") or "pymrio")
    done = list(notes)
    z_frame, x = _flows_and_output(system, where, missing, done)
    if system.Y is None:
        raise TableError("the system has no final demand", where=where, mend="give Y")
    regions, codes = _labels(z_frame.index)
    _same(z_frame.index, z_frame.columns, f"{where}: Z rows", "Z columns")
    _same(z_frame.index, system.Y.index, f"{where}: Z rows", "Y rows")
    z, y = _array(z_frame, f"{where}: Z", missing, done), _array(system.Y, f"{where}: Y", missing, done)
    if x is None:
        x = z.sum(axis=1) + y.sum(axis=1)
        done.append(Change("output", "x", "output is intermediate use and final demand: the system has no x"))
    money = _money(system, where)
    uses = _final_uses(system.Y, kinds or {}, y, done)
    labels = Labels(
        codes, tuple(f"{r}: {c.removeprefix(r + '.')}" for r, c in zip(regions, codes, strict=True)), (), regions
    )
    added, satellites = beside(system, z_frame.columns, money, value_added, where, done)
    table = FlowTable(
        Source(name or f"{where}-{year}", title or f"{where} {year}", year, money, publisher),
        labels,
        labels,
        np.diag(x),
        z,
        uses,
        y,
        added.labels,
        added.figures,
        None,
        OUTSIDE,
        satellites=satellites,
        provenance=tuple(done),
    )
    table = close_rows(table, residual, where, "output of the source and the uses it lists differ")
    return close_columns(table, "output of the source and the inputs it lists differ")


def _flows_and_output(
    system: Any, where: str, missing: Missing, done: list[Change]
) -> tuple[pd.DataFrame, Figures | None]:
    x = None
    reference = system.Z if system.Z is not None else system.A
    if reference is None:
        raise TableError("the system has no interindustry flows", where=where, mend="give Z, or A and x")
    if system.x is not None:
        _same(reference.index, system.x.index, f"{where}: Z rows", "x rows")
        x = _array(system.x, f"{where}: x", missing, done).reshape(len(system.x), -1)
        if x.shape[1] != 1:
            raise TableError("x has several columns", where=where, found=str(x.shape[1]), expected="one")
        x = x[:, 0].copy()
    if system.Z is not None:
        return system.Z, x
    if x is None:
        raise TableError("the system has neither Z nor x", where=where, mend="give Z, or A and x")
    done.append(Change("flows", "Z", "flows are A times x: the system has no Z"))
    _same(system.A.index, system.A.columns, f"{where}: A rows", "A columns")
    return system.A * x, x


def _labels(index: pd.MultiIndex) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Regions, and codes REGION.SECTOR, of an index whose first level is the region."""
    if index.nlevels == 1:
        raise LabelError(
            "Z has no regions",
            found=str(index.names),
            expected="region, sector",
            mend="give the index two levels; one region is enough",
        )
    regions = tuple(str(r) for r in index.get_level_values(0))
    rest = [" ".join(str(part) for part in entry[1:]) for entry in index]
    codes = tuple(f"{r}.{s}" for r, s in zip(regions, rest, strict=True))
    if len(set(codes)) < len(codes):
        twice = next(c for k, c in enumerate(codes) if c in codes[:k])
        raise LabelError("a sector stands twice", found=twice, mend="give each sector of a region its own name")
    return regions, codes


def _same(left: pd.Index, right: pd.Index, name: str, other: str) -> None:
    require_equal([str(e) for e in left], [str(e) for e in right], name, other)


def _array(frame: pd.DataFrame, where: str, missing: Missing, done: list[Change]) -> Figures:
    try:
        out = np.array(frame.to_numpy(), dtype=np.float64, copy=True)
    except (ValueError, TypeError) as error:
        raise TableError(
            "there is text among the figures", where=where, found=str(error), expected="numbers", mend="mend the file"
        ) from error
    empty = np.isnan(out)
    if not empty.any():
        return out
    at = np.argwhere(empty)[0].tolist()
    cell = f"{frame.index[at[0]]}" + (f", {frame.columns[at[1]]}" if len(at) > 1 else "")
    if missing == "refuse":
        raise TableError(
            f"{int(empty.sum())} cells are empty",
            where=f"{where}: {cell}",
            expected="a figure in every cell",
            mend="fill them, or say that they are zero: missing='zero'",
        )
    done.append(Change("empty cells", where, f"{int(empty.sum())} empty cells, the first at {cell}, were read as 0"))
    return np.where(empty, 0.0, out)


def _money(system: Any, where: str) -> str:
    if system.unit is None:
        return "money (unit not given)"
    units = sorted({str(u) for u in np.asarray(system.unit).ravel()})
    if len(units) != 1:
        raise TableError(
            "sectors have several units",
            where=where,
            found=", ".join(units[:6]),
            expected="one unit of money",
            mend="columns of tables in mixed units do not add up: convert Z and Y to one currency",
        )
    return money_words(units[0])


def _final_uses(
    y: pd.DataFrame, kinds: Mapping[str, Kind], figures: Figures, done: list[Change]
) -> tuple[FinalUse, ...]:
    uses: list[FinalUse] = []
    unknown: dict[str, float] = {}
    for k, entry in enumerate(y.columns):
        parts = [str(p) for p in (entry if isinstance(entry, tuple) else ("", entry))]
        region, category = parts[0], " ".join(parts[1:])
        kind = kinds.get(category) or kind_of(category)
        if kind is None:
            unknown[category] = unknown.get(category, 0.0) + float(np.abs(figures[:, k]).sum())
        code = f"{region}.{category}" if region else category
        uses.append(
            FinalUse(code, f"{region}: {category}", kind or "adjustment", region, "world" if kind == "exports" else "")
        )
    for category, amount in unknown.items():
        done.append(
            Change(
                "unknown final use",
                f"Y: {category}",
                "it is kept as an adjustment, which serves nobody",
                amount,
                float(np.abs(figures).sum()),
                "its name says nothing about what it is for",
            )
        )
    return tuple(uses)


def kind_of(category: str) -> Kind | None:
    """Tell from its name what a category of final use is for; None where the name does not say."""
    return next((kind for words, kind in KINDS if re.search(words, category.strip(), re.IGNORECASE)), None)
