"""Files that are damaged, of another kind, or made to take all memory: how each is made, and what is said of it."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import h5netcdf
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bad_input.books import archive, book, edit, parts, sheet_part
from tests.bad_input.malformed_books import Maker

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.readers.folder import write_folder
from lustrum.accounts.readers.netcdf import write_netcdf
from lustrum.accounts.readers.parquet import FORMAT, KEY, write_parquet

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = (
    b"<!DOCTYPE x ["
    + b"".join(b'<!ENTITY l%d "%s">' % (k, b"&l%d;" % (k - 1) * 10 if k else b"ha" * 10) for k in range(9))
    + b"]>"
)
USE = sheet_part("use_flows")


def raw(content: bytes) -> Maker:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


def zeros(path: Path) -> Path:
    """Two gigabytes of zeros that take no room."""
    with path.open("wb") as file:
        file.truncate(2 << 30)
    return path


def cut(write: object, share: float) -> Maker:
    def make(path: Path) -> Path:
        write(load_economy("island"), path)  # type: ignore[operator]
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        return path

    return make


def part(name: str, content: bytes | None) -> Maker:
    """A workbook with one part replaced or (None) left out."""

    def make(path: Path) -> Path:
        contents = parts(book(path))
        contents.pop(name) if content is None else contents.update({name: content})
        path.write_bytes(archive(contents))
        return path

    return make


def laughing(name: str) -> Maker:
    """A billion laughs: entities of entities."""

    def make(path: Path) -> Path:
        contents = parts(book(path))
        head, body = contents[name].split(b"?>", 1)
        contents[name] = head + b"?>" + LAUGHS + body.replace(b"</", b"&l8;</", 1)
        path.write_bytes(archive(contents))
        return path

    return make


def tight_bomb(path: Path) -> Path:
    """Spaces in a sheet that pack to a thousandth."""
    contents = parts(book(path))
    contents[USE] = contents[USE].replace(b"<sheetData>", b" " * (64 << 20) + b"<sheetData>")
    path.write_bytes(archive(contents, level=9))
    return path


def many_bombs(path: Path) -> Path:
    """Parts that are each within the limits, and together are not."""
    contents = parts(book(path))
    some = np.random.default_rng(0).integers(0, 256, 1 << 16, dtype=np.uint8).tobytes()
    block = (some + bytes(900_000)) * 20
    path.write_bytes(archive({**contents, **{f"xl/media/{k}.png": block for k in range(9)}}))
    return path


def lying_bomb(path: Path) -> Path:
    """A part that unpacks to far more than the directory says."""
    contents = parts(book(path))
    with zipfile.ZipFile(path) as whole:
        real = whole.getinfo(USE)
        small, crc = real.file_size, real.CRC
    contents[USE] += b" " * (32 << 20)
    content = bytearray(archive(contents))
    big = struct.pack("<I", len(contents[USE]))
    at = content.rfind(USE.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02" and content[at + 24 : at + 28] == big
    content[at + 24 : at + 28] = struct.pack("<I", small)
    content[at + 16 : at + 20] = struct.pack("<I", crc)
    path.write_bytes(bytes(content))
    return path


def many_parts(path: Path) -> Path:
    contents = parts(book(path))
    path.write_bytes(archive({**contents, **{f"x/{k}": b"" for k in range(20_000)}}, zipfile.ZIP_STORED))
    return path


def far_cell(path: Path) -> Path:
    return edit(book(path), USE, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def echo(path: Path) -> Path:
    """One long text that a hundred thousand cells share: small on the disk, gigabytes when read."""
    contents = parts(book(path))
    shared = contents["xl/sharedStrings.xml"]
    last = shared.count(b"<si>")
    contents["xl/sharedStrings.xml"] = shared.replace(b"</sst>", b"<si><t>" + b"x" * 30_000 + b"</t></si></sst>")
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (r, r, last) for r in range(5, 100_000))
    contents[USE] = contents[USE].replace(b"</sheetData>", cells + b"</sheetData>")
    path.write_bytes(archive(contents))
    return path


def endless_text(path: Path) -> Path:
    contents = parts(book(path))
    shared = contents["xl/sharedStrings.xml"]
    some = np.random.default_rng(0).integers(97, 122, 1 << 20, dtype=np.uint8).tobytes()
    contents["xl/sharedStrings.xml"] = shared.replace(b"<t>", b"<t>" + some, 1)
    path.write_bytes(archive(contents))
    return path


def locked_part(path: Path) -> Path:
    content = bytearray(book(path).read_bytes())
    at = content.rfind(USE.encode()) - 46
    content[at + 8] |= 1
    path.write_bytes(bytes(content))
    return path


def changed_parquet(path: Path) -> Path:
    write_parquet(load_economy("island"), path)
    table = pq.read_table(path)
    values = table["value"].to_numpy().copy()
    values[0] = np.nextafter(values[0], np.inf)
    pq.write_table(table.set_column(4, "value", pa.array(values)), path)
    return path


def claiming_parquet(path: Path) -> Path:
    """A field of a few rows whose labels claim a table of 10^9 cells."""
    codes = [f"c{k}" for k in range(32_000)]
    labels = {d: {"codes": codes, "names": [], "units": [], "regions": []} for d in ("product", "activity")}
    words = {
        "format": FORMAT,
        "source": {"name": "x", "notes": []},
        "labels": labels,
        "provenance": [],
        "digest": "",
        "fields": {"use": None, "supply": None},
    }
    word = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [("field", word), ("label_1", word), ("label_2", word), ("year", pa.int16()), ("value", pa.float64())],
        metadata={KEY: json.dumps(words).encode()},
    )
    pq.write_table(schema.empty_table(), path)
    return path


def claiming_netcdf(path: Path) -> Path:
    """A dataset of 10^10 cells of which none is on the disk."""
    write_netcdf(load_economy("island"), path)
    with h5netcdf.File(path, "a") as file:
        file.dimensions["p"], file.dimensions["q"] = 100_000, 100_000
        file.create_variable("more", ("p", "q"), float, chunks=(1000, 1000))
    return path


def zeros_in_a_folder(path: Path) -> Path:
    write_folder(load_economy("island"), path)
    zeros(path / "use.csv")
    return path


def swapped_bytes(path: Path) -> Path:
    content = bytearray(book(path).read_bytes())
    at = content.find(b"PK\x03\x04", 40) + 60
    content[at : at + 40] = bytes(40)
    path.write_bytes(bytes(content))
    return path


def crushed(path: Path) -> Path:
    """A workbook packed once more, as mail programs do."""
    inside = book(path).read_bytes()
    path.write_bytes(archive({"x.xlsx": inside}))
    return path


_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: what it is: name, maker, words, mend
FILES: dict[str, tuple[str, Maker, str, str]] = {
    "an empty file": ("x.xlsx", raw(b""), "not a workbook", "template"),
    "text called .xlsx": ("x.xlsx", raw(b"a,b\n1,2\n"), "not a workbook", "save the tables as .xlsx"),
    "a table of HTML called .xlsx": ("x.xlsx", raw(b"<html><table></table></html>"), "not a workbook", ".xlsx"),
    "a CSV file in place of a folder": ("x.csv", raw(b"a,b\n1,2\n"), "not an economy", "folder"),
    "an old workbook": ("x.xls", raw(OLE + bytes(2000)), "old .xls", "save it as"),
    "a workbook with a password": (
        "x.xlsx",
        raw(OLE + bytes(2000) + "EncryptedPackage".encode("utf-16-le")),
        "password",
        "remove the password",
    ),
    "a part with a password": ("x.xlsx", locked_part, "password", "remove the password"),
    "an OpenDocument sheet": (
        "x.ods",
        lambda p: raw(archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, zipfile.ZIP_STORED))(p),
        "OpenDocument",
        "save it as",
    ),
    "a binary workbook": ("x.xlsb", lambda p: raw(archive({"xl/workbook.bin": b"x"}))(p), "not an .xlsx", "save it as"),
    "another archive": ("x.zip", lambda p: raw(archive({"word/document.xml": b"<x/>"}))(p), "not an .xlsx", "template"),
    "a workbook packed once more": ("x.xlsx", crushed, "not an .xlsx", "save it as"),
    "a workbook cut in half": ("x.xlsx", cut(lambda e, p: book(p), 0.5), "damaged", "copy it again"),
    "a workbook cut at its end": ("x.xlsx", cut(lambda e, p: book(p), 0.995), "damaged", "copy it again"),
    "a workbook with bytes lost": ("x.xlsx", swapped_bytes, "damaged", "copy it again"),
    "a sheet of broken XML": ("x.xlsx", part(USE, _XML + b"<worksheet><sheetData></worksheet>"), "damaged", "save"),
    "a sheet in UTF-16": ("x.xlsx", part(USE, "<worksheet/>".encode("utf-16")), "damaged", "save"),
    "a sheet that is missing": ("x.xlsx", part(USE, None), "not a sheet of cells", "worksheet"),
    "no list of sheets": ("x.xlsx", part("xl/_rels/workbook.xml.rels", None), "damaged", "save"),
    "shared texts that are missing": ("x.xlsx", part("xl/sharedStrings.xml", None), "damaged", "save"),
    "shared texts cut short": (
        "x.xlsx",
        part(
            "xl/sharedStrings.xml",
            _XML + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a</t></si></sst>',
        ),
        "",
        "",
    ),
    "a row without a number": (
        "x.xlsx",
        lambda p: edit(book(p), USE, b'<row r="2"', b'<row r="2x"'),
        "damaged",
        "save",
    ),
    "a cell without a place": ("x.xlsx", lambda p: edit(book(p), USE, b'r="B2"', b'r="22B"'), "damaged", "save"),
    "cells by another prefix": (
        "x.xlsx",
        lambda p: edit(
            book(p),
            USE,
            b"</sheetData>",
            b'<y:row xmlns:y="y" r="1048576"><y:c r="XFD1048576"><v>1</v></y:c></y:row></sheetData>',
        ),
        "damaged",
        "save",
    ),
    "a row that stands twice": (
        "x.xlsx",
        lambda p: edit(book(p), USE, b'<row r="3"', b'<row r="2"'),
        "damaged",
        "save",
    ),
    "two sheets of one name": (
        "x.xlsx",
        lambda p: edit(book(p), "xl/workbook.xml", b'name="supply"', b'name="output"'),
        "damaged",
        "save",
    ),
    "a billion laughs in a sheet": ("x.xlsx", laughing(USE), "entities", "save it anew"),
    "a billion laughs in the texts": ("x.xlsx", laughing("xl/sharedStrings.xml"), "entities", "save it anew"),
    "a billion laughs in the list": ("x.xlsx", laughing("xl/workbook.xml"), "entities", "save it anew"),
    "a billion laughs in the styles": ("x.xlsx", laughing("xl/styles.xml"), "entities", "save it anew"),
    "a bomb of one part": ("x.xlsx", tight_bomb, "grow beyond measure", "new workbook"),
    "a bomb of many parts": ("x.xlsx", many_bombs, "grow beyond measure", "new workbook"),
    "a bomb whose directory lies": ("x.xlsx", lying_bomb, "damaged", "copy it again"),
    "more parts than any workbook": ("x.xlsx", many_parts, "too many parts", "new workbook"),
    "a cell in the last corner": ("x.xlsx", far_cell, "too large", "delete the cells"),
    "one text for all cells": ("x.xlsx", echo, "too much text", "shorten"),
    "a text without end": ("x.xlsx", endless_text, "more text than a spreadsheet", "shorten"),
    "zeros called .xlsx": ("x.xlsx", zeros, "not a workbook", "template"),
    "zeros called .parquet": ("x.parquet", zeros, "cannot be read", "export it again"),
    "zeros called .nc": ("x.nc", zeros, "cannot be read", "import"),
    "zeros called nothing": ("x", zeros, "not an economy", "template"),
    "zeros in a folder": ("x", zeros_in_a_folder, "too large", "base-year"),
    "a Parquet file cut in half": ("x.parquet", cut(write_parquet, 0.5), "cannot be read", "copy it again"),
    "a Parquet file cut at its end": ("x.parquet", cut(write_parquet, 0.99), "cannot be read", "copy it again"),
    "a Parquet file of something else": (
        "x.parquet",
        lambda p: (pq.write_table(pa.table({"a": [1]}), p), p)[1],
        "not of an economy",
        "export",
    ),
    "a Parquet file that was changed": ("x.parquet", changed_parquet, "seal", "original"),
    "a Parquet file that claims too much": ("x.parquet", claiming_parquet, "too large", "aggregate"),
    "a NetCDF file cut in half": ("x.nc", cut(write_netcdf, 0.5), "cannot be read", "copy it again"),
    "a NetCDF file that claims too much": ("x.nc", claiming_netcdf, "beyond measure", "original"),
}
