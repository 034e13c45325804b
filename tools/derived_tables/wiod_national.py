"""Reader of national tables of the World Input-Output Database, release 2016, with its socio-economic accounts.

One parquet file `ISO_NIOT_2000_2014.parquet` holds, for every year, 56 industries in domestic and imported rows and the
rows of totals below them, in current million US dollars at basic prices. Beside it may lie
`ISO_SEA_2000_2014.csv.gz`: jobs, hours, compensation, capital stock and price indices by industry, in million
national currency. Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics
23: 575-605, describe both.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path
from typing import Literal

import numpy as np
from tools.derived_tables.long_parquet import Codes, chosen, chosen_year, columns, grid, read
from tools.derived_tables.wide_parts import Block, Parts, flow_table

from lustrum.accounts.cells import number
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError

FINAL = ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN", "EXP")
BELOW = ("TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM")
MOST_SEA = 64 * 2**20

#: Variable of the socio-economic accounts -> what an economy makes of it, name, unit; "$": national currency.
SEA: dict[str, tuple[Literal["labour", "capital", "other"], str, str]] = {
    "EMP": ("labour", "Persons engaged", "thousand persons"),
    "EMPE": ("other", "Employees", "thousand persons"),
    "H_EMPE": ("other", "Hours worked by employees", "million hours"),
    "K": ("capital", "Nominal capital stock", "$"),
    "COMP": ("other", "Compensation of employees", "$"),
    "LAB": ("other", "Labour compensation", "$"),
    "CAP": ("other", "Capital compensation", "$"),
    "GO_PI": ("other", "Price of gross output", "2010 = 100"),
    "II_PI": ("other", "Price of intermediate inputs", "2010 = 100"),
    "VA_PI": ("other", "Price of value added", "2010 = 100"),
    "GO_QI": ("other", "Volume of gross output", "2010 = 100"),
}


def guess(path: Path) -> str | None:
    """A parquet file with the columns of a national table, or a folder with one such file."""
    file = _file(path)
    return f"a national table of WIOD: {file.name} has the columns code, origin and CONS_h" if file else None


def _file(path: Path) -> Path | None:
    if path.is_dir():
        files = sorted(path.glob("*_NIOT_*.parquet"))
        return files[0] if len(files) == 1 else None
    return path if {"year", "code", "origin", "CONS_h", "GO"} <= set(columns(path)) else None


def read_wiod(path: Path, wanted: Wanted) -> FlowTable:
    """Read one year of a national table."""
    file = _file(path)
    if file is None:
        raise TableError(
            "not a national table of WIOD",
            where=str(path),
            expected="a parquet file with year, code, origin, sectors, CONS_h ... GO",
            mend="name the file itself: ISO_NIOT_2000_2014.parquet",
        )
    year, years = chosen_year(file, wanted.year)
    where = f"{file}: {year}"
    names = columns(file)
    if missing := [c for c in ("origin", *FINAL, "GO") if c not in names]:
        raise TableError(f"column {missing[0]!r} is missing", where=where, mend="copy the file again")
    sectors = tuple(c for c in names if c not in ("year", "code", "origin", *FINAL, "GO"))
    if not sectors:
        raise TableError("the file has no columns of sectors", where=where, mend="copy the file again")
    codes, figures = read(file, ("code", "origin"), (*sectors, *FINAL, "GO"), year)
    wanted_rows = {"Domestic": sectors, "Imports": sectors, "TOT": ("II_fob", *BELOW, "GO")}

    def block(origin: str, cols: tuple[str, ...]) -> Block:
        keep = codes["origin"].where(origin)
        rows = wanted_rows[origin]
        one = Codes(("",), np.zeros(len(keep), np.int64))
        parts = [grid(f"{where}: {origin}", codes["code"], one, figures[c], keep, rows, ("",)) for c in cols]
        if int(keep.sum()) != len(rows):
            raise TableError(
                f"{origin} rows are missing",
                where=where,
                found=f"{int(keep.sum())} rows",
                expected=f"{len(rows)}: {', '.join(rows[:4])}, …",
                mend="copy the file again",
            )
        return Block(rows, cols, np.hstack(parts))

    domestic, total = block("Domestic", ("GO",)), block("TOT", sectors)
    output = domestic.figures[:, 0]
    apart = np.abs(total.figures[-1] - output)
    if apart.max() > 1e-6 * np.abs(output).max():
        k = int(apart.argmax())
        raise TableError(
            "output of rows and of columns differ",
            where=f"{where}: {sectors[k]}",
            found=f"column GO {output[k]:,.3f}, row GO {total.figures[-1, k]:,.3f}",
            mend="the file is damaged: copy it again",
        )
    beside = block("TOT", FINAL)
    below = slice(1, 1 + len(BELOW))
    country = file.name.split("_")[0]
    notes = [chosen(file, year, years, wanted)]
    return flow_table(
        Parts(
            name=f"wiod2016-{country.lower()}-{year}",
            year=year,
            where=where,
            sectors=_labels(file, sectors),
            z_dom=block("Domestic", sectors),
            z_imp=block("Imports", sectors),
            f_dom=block("Domestic", FINAL),
            f_imp=block("Imports", FINAL),
            va=Block(BELOW, sectors, total.figures[below]),
            beside=Block(BELOW, FINAL, beside.figures[below]),
            output=output,
            satellites=_accounts(file, country, year, sectors, notes),
            country=country,
            notes=tuple(notes),
        )
    )


def _labels(file: Path, sectors: tuple[str, ...]) -> Labels:
    path = file.parent / "columns.csv"
    names = {r[0]: r[1] for r in read_rows(path)[1:]} if path.is_file() and path.stat().st_size < 2**20 else {}
    return Labels(sectors, tuple(names.get(s, "") for s in sectors))


def _accounts(
    file: Path, country: str, year: int, sectors: tuple[str, ...], notes: list[Change]
) -> dict[str, Satellite]:
    """Read the socio-economic accounts beside the table, where there are any."""
    path = file.parent / f"{country}_SEA_2000_2014.csv.gz"
    if not path.is_file():
        notes.append(Change("as published", file.name, f"no jobs and capital: {path.name} is not beside the table"))
        return {}
    try:
        with gzip.open(path, "rb") as packed:
            content = packed.read(MOST_SEA + 1)
    except (OSError, EOFError) as e:
        raise TableError("file cannot be unpacked", where=str(path), found=str(e), mend="copy it again") from None
    if len(content) > MOST_SEA:
        raise TableError(
            "file is too large", where=str(path), expected=f"at most {MOST_SEA:,} bytes unpacked", mend="copy it again"
        )
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as e:
        raise TableError("file is not well-formed CSV", where=str(path), found=str(e), mend="copy it again") from None
    if not rows or not {"code", "year"} <= set(rows[0]):
        raise TableError(
            "header is not understood", where=str(path), expected="country, code, year, EMP, …", mend="copy it again"
        )
    of_year = {r["code"]: r for r in rows if r["year"] == str(year)}
    if missing := [s for s in sectors if s not in of_year]:
        raise TableError(f"no row for sector {missing[0]!r} in {year}", where=str(path), mend="copy it again")
    out = {}
    for name, (kind, title, unit) in SEA.items():
        if name not in rows[0]:
            continue
        figures = np.array([[_figure(of_year[s], name, f"{path}: {s}, {year}, {name}") for s in sectors]])
        if unit == "$":
            rate = np.array([[_figure(of_year[s], "NOMEXCH", f"{path}: {s}, {year}, NOMEXCH") for s in sectors]])
            unit = "million US dollars"
            if np.any(rate != 1):
                figures = figures * rate
                notes.append(
                    Change(
                        "currency",
                        f"{path.name}: {name}",
                        "national currency became US dollars",
                        float(np.abs(figures).sum()),
                        why="at the rate of the accounts, NOMEXCH",
                    )
                )
        out[name] = Satellite(Labels((name,), (title,), (unit,)), figures, kind)
    return out


def _figure(row: dict[str, str], name: str, where: str) -> float:
    cell = row.get(name) or ""
    # indices of sectors without output are empty in the accounts
    return 0.0 if not cell and re.search("_[PQ]I$", name) else number(cell, where)


READER = Reader("wiod-national", "National table of WIOD, release 2016, with socio-economic accounts", guess, read_wiod)
