"""Parquet files opened with care: sizes and types are looked at before a figure is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.extras import arrow
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import TableError
from lustrum.labels import unknown_label

MOST_ROWS = 10_000_000
MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Codes:
    """A column of labels: each row holds a position in `labels`."""

    labels: tuple[str, ...]
    at: NDArray[np.int64]

    def where(self, label: str) -> NDArray[np.bool_]:
        """Rows that hold this label."""
        if label not in self.labels:
            return np.zeros(len(self.at), bool)
        return np.asarray(self.at == self.labels.index(label))


def columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns; nothing where the path is no parquet file.

    Raises
    ------
    TableError
        A file named `.parquet` that cannot be opened.
    """
    if not path.is_file() or not (path.suffix == ".parquet" or _magic(path)):
        return ()
    return tuple(_schema(path).names)


def _magic(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _schema(path: Path) -> Any:
    return _metadata(path)[0]


def _metadata(path: Path) -> tuple[Any, int, int]:
    """Schema, rows and bytes of a file, without its figures."""
    pa = arrow()
    pq = arrow("parquet")

    try:
        with pq.ParquetFile(path) as file:
            size = sum(file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups))
            return file.schema_arrow, file.metadata.num_rows, size
    except (pa.ArrowException, OSError, ValueError) as e:
        raise TableError(
            "file cannot be read as parquet",
            where=str(path),
            found=str(e).split("\n")[0][:160],
            mend="it may be cut short: copy it again",
        ) from None


def _require_small(path: Path) -> None:
    _, rows, size = _metadata(path)
    if rows > MOST_ROWS or size > MOST_BYTES:
        raise TableError(
            "file is too large for a national table",
            where=str(path),
            found=f"{rows:,} rows, {size:,} bytes",
            expected=f"at most {MOST_ROWS:,} rows and {MOST_BYTES:,} bytes",
            mend="keep the years and tables that you need",
        )


def tables_in(path: Path) -> tuple[str, ...]:
    """Return what stands in the column `table` of a file that has one, each once."""
    column = _load(path, ["table"], None)["table"]
    return tuple(str(name) for name in column.unique().to_pylist())


def chosen_year(path: Path, wanted: int | None) -> tuple[int, tuple[int, ...]]:
    """Return the year to read (the latest where none is wanted) and all years of the file."""
    years = tuple(sorted({int(y) for y in numbers(path, "year")}))
    if not years:
        raise TableError("file holds no rows", where=str(path), mend="copy it again")
    if wanted is not None and wanted not in years:
        raise TableError(
            f"no year {wanted}", where=str(path), expected=f"one of {spans(years)}", mend="take a year that is there"
        )
    return (years[-1] if wanted is None else wanted), years


def chosen(path: Path, year: int, years: Sequence[int], wanted: Wanted) -> Change:
    """Say which year was read, and why."""
    return Change(
        "year",
        path.name,
        f"{year} of {spans(years)}",
        why="the latest; --year names another" if wanted.year is None else "asked for",
    )


def spans(years: Sequence[int]) -> str:
    """Years in words: "1997-2022", or one by one where some are missing."""
    if len(years) > 2 and years[-1] - years[0] + 1 == len(years):
        return f"{years[0]}-{years[-1]}"
    return ", ".join(map(str, years))


def _load(path: Path, names: Sequence[str], year: int | None) -> Any:
    pa = arrow()
    pq = arrow("parquet")

    _require_small(path)
    try:
        return pq.read_table(path, columns=list(names), filters=None if year is None else [("year", "=", year)])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as e:
        raise TableError(
            "file cannot be read as parquet",
            where=str(path),
            found=str(e).split("\n")[0][:160],
            mend="it may be cut short, or its year is no number: copy it again",
        ) from None


def numbers(path: Path, name: str, year: int | None = None) -> Figures:
    """Return one column of numbers."""
    return _numbers(path, name, _load(path, [name], year)[name])


def _numbers(path: Path, name: str, column: Any) -> Figures:
    pa = arrow()

    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise TableError(
            f"column {name!r} does not hold numbers", where=str(path), found=str(kind), mend="write numbers, not text"
        )
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    if column.null_count or not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise TableError(
            "cell is not a number",
            where=f"{path}: row {row + 1}, column {name}",
            found="nothing or NaN",
            mend="leave zero cells out, or write 0",
        )
    return values


def _codes(path: Path, name: str, column: Any) -> Codes:
    pa = arrow()

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise TableError(f"column {name!r} does not hold labels", where=str(path), found=str(kind), mend="write codes")
    if column.null_count:
        raise TableError(f"column {name!r} has an empty cell", where=str(path), mend="give every row its label")
    plain = column.cast(kind) if pa.types.is_dictionary(column.type) else column
    encoded = plain.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):  # some versions of pyarrow keep the chunks
        encoded = encoded.combine_chunks()
    return Codes(tuple(encoded.dictionary.to_pylist()), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64))


def read(
    path: Path, labels: Sequence[str], figures: Sequence[str], year: int
) -> tuple[dict[str, Codes], dict[str, Figures]]:
    """Read columns of labels and of figures of one year."""
    names = columns(path)
    if missing := [c for c in ("year", *labels, *figures) if c not in names]:
        raise TableError(
            f"column {missing[0]!r} is missing",
            where=str(path),
            found=", ".join(names)[:160],
            mend="look whether this is the right file",
        )
    table = _load(path, [*labels, *figures], year)
    return (
        {name: _codes(path, name, table[name]) for name in labels},
        {name: _numbers(path, name, table[name]) for name in figures},
    )


def grid(
    where: str,
    rows: Codes,
    cols: Codes,
    values: Figures,
    keep: NDArray[np.bool_],
    row_labels: Sequence[str],
    col_labels: Sequence[str],
) -> Figures:
    """Spread the kept rows over a grid; what is not listed is zero.

    Raises
    ------
    TableError
        A label that is not in the grid, or a cell that stands twice.
    """
    places = []
    for codes, known in ((rows, row_labels), (cols, col_labels)):
        place = {label: k for k, label in enumerate(known)}
        table = np.array([place.get(label, -1) for label in codes.labels], dtype=np.int64)
        at = table[codes.at[keep]] if len(table) else np.zeros(0, np.int64)
        if (at < 0).any():
            label = codes.labels[int(codes.at[keep][int(np.flatnonzero(at < 0)[0])])]
            expected, mend = unknown_label(label, list(known), "table")
            raise TableError(f"unknown label {label!r}", where=where, expected=expected, mend=mend)
        places.append(at)
    flat = places[0] * len(col_labels) + places[1]
    kinds, count = np.unique(flat, return_counts=True)
    if (count > 1).any():
        r, c = divmod(int(kinds[int(np.argmax(count > 1))]), len(col_labels))
        raise TableError(
            "a cell stands twice",
            where=where,
            found=f"{row_labels[r]}, {col_labels[c]}",
            mend="keep one of the two rows",
        )
    out = np.zeros((len(row_labels), len(col_labels)))
    out.ravel()[flat] = values[keep]
    return out
