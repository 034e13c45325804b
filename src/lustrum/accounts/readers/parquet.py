"""One Parquet file an economy: a long table that every data tool opens, with all the words in its metadata.

Columns: `field`, `label_1`, `label_2` (codes on the field's own dimensions), `year`, `value`. Cells that are
zero are left out. The metadata key `lustrum` holds source, labels, provenance and the seal as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.extras import arrow
from lustrum.accounts.fields import BY_NAME
from lustrum.accounts.provenance import Change
from lustrum.errors import BadInput, TableError
from lustrum.labels import labelled

FORMAT = "lustrum-economy-parquet/1"
KEY = b"lustrum"
#: Rows and unpacked bytes of a file that can be accounts.
MAX_ROWS, MAX_BYTES = 20_000_000, 512 * 1024 * 1024
_COLUMNS = ("field", "label_1", "label_2", "year", "value")


def write_parquet(economy: Economy, path: str | Path) -> None:
    """Write an economy to one file, aside first and then renamed."""
    pa = arrow()
    pq = arrow("parquet")

    labels = {d: asdict(s) for d, s in economy.sets.items()}
    words = {
        "format": FORMAT,
        "source": asdict(economy.source),
        "labels": labels,
        "fields": {name: _years(a) for name, a in economy.data.items()},
        "provenance": [*map(asdict, economy.provenance)],
        "digest": economy.digest,
    }
    word = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [("field", word), ("label_1", word), ("label_2", word), ("year", pa.int16()), ("value", pa.float64())],
        metadata={KEY: json.dumps(words).encode()},
    )
    tables = [_long(pa, schema, name, array) for name, array in economy.data.items()]
    whole = pa.concat_tables(tables).unify_dictionaries() if tables else schema.empty_table()
    target = Path(path)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        pq.write_table(whole, aside, compression="zstd", write_page_checksum=True)
        os.replace(aside, target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()


def _years(array: xr.DataArray) -> list[int] | None:
    return [int(y) for y in array["year"].values] if "year" in array.dims else None


def _long(pa: Any, schema: Any, name: str, array: xr.DataArray) -> Any:
    values = np.asarray(array.values, dtype=np.float64)
    at = np.nonzero(values)
    dims = [str(d) for d in array.dims]
    count = len(at[0])

    def words(codes: list[str], where: np.ndarray) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(where.astype(np.int32)), pa.array(codes, pa.string()))

    columns = [words([name], np.zeros(count))]
    for k in (0, 1):
        if k < len(dims) and dims[k] != "year":
            columns.append(words([str(c) for c in array[dims[k]].values], at[k]))
        else:
            columns.append(pa.nulls(count, schema.field(f"label_{k + 1}").type))
    years = array["year"].values[at[-1]] if "year" in dims else None
    columns.append(pa.nulls(count, pa.int16()) if years is None else pa.array(years, pa.int16()))
    columns.append(pa.array(values[at]))
    return pa.Table.from_arrays(columns, schema=schema)


def read_parquet(path: str | Path) -> Economy:
    """Read an economy written by `write_parquet`, every figure and label exact.

    Raises
    ------
    TableError
        If the file is missing, damaged, not an economy, or its figures do not match its seal.
    """
    target = Path(path)
    try:
        words, columns = _read(target)
        labels = {
            d: Labels(*(tuple(s[k]) for k in ("codes", "names", "units", "regions")))
            for d, s in words["labels"].items()
        }
        source = Source(**{**words["source"], "notes": tuple(words["source"]["notes"])})
        provenance = tuple(Change(**c) for c in words["provenance"])
        data = {name: _array(name, years, labels, columns) for name, years in words["fields"].items()}
        economy = Economy(source, labels, data, provenance)
        seal = str(words["digest"])
    except BadInput as e:
        if isinstance(e, TableError) and str(target) in e.where:
            raise
        raise TableError(
            e.what,
            where=f"{target}: {e.where}".rstrip(": "),
            found=e.found,
            expected=e.expected,
            mend=e.mend or "use the original file",
        ) from None
    except MemoryError:
        raise
    except Exception as e:  # Arrow has a class of error for every kind of damage
        raise TableError(
            "file cannot be read as an economy",
            where=str(target),
            found=(str(e).split("\n")[0] or type(e).__name__)[:200],
            mend="it may be cut short: copy it again, or export it again",
        ) from None
    if economy.digest != seal:
        raise TableError(
            "figures do not match the file's own seal",
            where=str(target),
            found=economy.digest[:16],
            expected=seal[:16],
            mend="the file was changed after it was written: use the original",
        )
    return economy


def _read(target: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    pq = arrow("parquet")

    with target.open("rb") as handle:
        file = pq.ParquetFile(handle, page_checksum_verification=True)
        content = (file.schema_arrow.metadata or {}).get(KEY)
        words = json.loads(content) if content else {}
        if not isinstance(words, dict) or words.get("format") != FORMAT:
            raise TableError(
                "a Parquet file, but not of an economy",
                where=str(target),
                found=str(words.get("format")) if isinstance(words, dict) else None,
                expected=FORMAT,
                mend="give a file that `lustrum economy export` wrote",
            )
        meta = file.metadata
        size = sum(meta.row_group(k).total_byte_size for k in range(meta.num_row_groups))
        if meta.num_rows > MAX_ROWS or size > MAX_BYTES:
            raise TableError(
                "table is too large",
                where=str(target),
                found=f"{meta.num_rows:,} rows",
                expected=f"at most {MAX_ROWS:,}",
                mend="aggregate the accounts first",
            )
        if tuple(file.schema_arrow.names) != _COLUMNS:
            raise TableError(
                "columns are not those of an economy",
                where=str(target),
                found=", ".join(file.schema_arrow.names)[:80],
                expected=", ".join(_COLUMNS),
                mend="use the original file",
            )
        table = file.read()
        table.validate(full=True)
    return words, {name: table[name].combine_chunks() for name in _COLUMNS}


def _array(
    name: str, years: list[int] | None, labels: Mapping[str, Labels], columns: Mapping[str, Any]
) -> xr.DataArray:
    """Put the rows of one field on its axes."""
    field = BY_NAME[name]
    fields = columns["field"]
    known = [k for k, word in enumerate(fields.dictionary.to_pylist()) if word == name]
    rows = np.flatnonzero(np.isin(np.asarray(fields.indices), known))
    axes: dict[str, list[Any]] = {d: list(labels[d].codes) for d in field.dims}
    at = []
    for k, dim in enumerate(field.dims, 1):
        column = columns[f"label_{k}"]
        place = {code: i for i, code in enumerate(axes[dim])}
        words = column.dictionary.to_pylist()
        taken = column.indices.take(_indices(rows)).to_numpy(zero_copy_only=False)
        at.append(np.array([place.get(word, -1) for word in words] or [-1])[taken.astype(np.int64)])
    if years is not None:
        axes["year"] = years
        given = columns["year"].take(_indices(rows)).to_numpy(zero_copy_only=False)
        at.append(np.array([years.index(int(y)) for y in given.tolist()], dtype=np.int64))
    if any((a < 0).any() for a in at):
        raise TableError("a row has labels that the file does not list", where=name, mend="use the original file")
    shape = tuple(len(axis) for axis in axes.values())
    if np.prod(shape, dtype=float) > 10 * MAX_ROWS:
        raise TableError("table is too large", where=name, found=str(shape), mend="aggregate the accounts first")
    values = np.zeros(shape)
    values[tuple(at)] = columns["value"].take(_indices(rows)).to_numpy(zero_copy_only=False)
    return labelled(values.astype(bool) if field.sign == "bool" else values, tuple(axes), axes, name)


def _indices(rows: np.ndarray) -> Any:
    pa = arrow()

    return pa.array(rows, pa.int64())
