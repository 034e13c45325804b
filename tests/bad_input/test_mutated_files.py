"""Two thousand spoilt workbooks and Parquet files: each is read or refused with a place, and nothing else happens."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bad_input.books import archive, book, parts

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.readers.parquet import write_parquet
from lustrum.errors import LabelError, TableError

Parts = dict[str, bytes]
CELL = re.compile(rb'<c r="[A-Z]+\d+"(?: s="\d+")?(?: t="\w+")?>.*?</c>', re.DOTALL)
ROW = re.compile(rb"<row .*?</row>", re.DOTALL)

#: What may stand in a cell instead: after `<c r="B2"`.
CELLS = (
    b"/>",
    b"><v>5</v></c>",
    b"><v></v></c>",
    b"><v>-7.25</v></c>",
    b"><v>1e400</v></c>",
    b"><v>NaN</v></c>",
    b"><v>x</v></c>",
    b' t="b"><v>1</v></c>',
    b' t="b"><v>2</v></c>',
    b' t="e"><v>#REF!</v></c>',
    b' t="e"><v/></c>',
    b' t="s"><v>0</v></c>',
    b' t="s"><v>3</v></c>',
    b' t="s"><v>99999</v></c>',
    b' t="s"><v>-1</v></c>',
    b' t="str"><f>A1</f><v>5</v></c>',
    b"><f>1+1</f><v>2</v></c>",
    b"><f>1+1</f></c>",
    b' t="inlineStr"><is><t>corn</t></is></c>',
    b' t="inlineStr"><is><t>5</t></is></c>',
    b' t="d"><v>2025-01-01</v></c>',
    b' t="d"><v>x</v></c>',
    b' s="1"><v>45000</v></c>',
    b' s="99"><v>1</v></c>',
    b' t="n"><v>1,5</v></c>',
    b' t="nonsense"><v>1</v></c>',
    b"><v>1e19</v></c>",
    b"><v>1e-200</v></c>",
)
WORDS = (
    b"",
    b" ",
    b"corn",
    b"Corn",
    b"farms",
    b"all",
    b"value",
    b"year",
    b"5",
    b"5,0",
    b"true",
    b"&#10;",
    b"&#x202e;",
    b"&lt;",
    b"&nothing;",
    b"&#0;",
    b"x" * 200,
    "\u00e9".encode(),
    b"\xff",
    b"product",
    b"code",
    b"lustrum-economy/1",
)


def a_cell(r: random.Random, contents: Parts) -> None:
    """One to three cells hold something else."""
    for _ in range(r.randint(1, 3)):
        name = r.choice([n for n in contents if "worksheets" in n])
        found = list(CELL.finditer(contents[name]))
        if found:
            at = r.choice(found)
            head = at[0][: at[0].index(b'"', 6) + 1]
            contents[name] = contents[name][: at.start()] + head + r.choice(CELLS) + contents[name][at.end() :]


def a_word(r: random.Random, contents: Parts) -> None:
    """A label, key or header is another."""
    name = "xl/sharedStrings.xml"
    at = r.choice(list(re.finditer(rb"(?<=<t>)[^<]*(?=</t>)", contents[name])))
    contents[name] = contents[name][: at.start()] + r.choice(WORDS) + contents[name][at.end() :]


def a_row(r: random.Random, contents: Parts) -> None:
    """A row is lost, stands twice, is hidden, changes place or is cut."""
    name = r.choice([n for n in contents if "worksheets" in n])
    found = list(ROW.finditer(contents[name]))
    if found:
        at, other = r.choice(found), r.choice(found)
        row = at[0]
        new = r.choice(
            (
                b"",
                row + row,
                row.replace(b"<row ", b'<row hidden="1" ', 1),
                other[0],
                CELL.sub(b"", row, count=1),
                row.replace(b' r="', b' r="9', 1),
                re.sub(rb' r="[A-Z]*\d+"', b"", row),
                row + b'<row r="3000"><c r="A3000"><v>1</v></c></row>',
            )
        )
        contents[name] = contents[name][: at.start()] + new + contents[name][at.end() :]


def a_sheet(r: random.Random, contents: Parts) -> None:
    """A sheet is renamed, hidden, listed twice, swapped, lost, or merged in places."""
    name = "xl/workbook.xml"
    sheets = re.findall(rb"<sheet .*?/>", contents[name])
    one, other = r.choice(sheets), r.choice(sheets)
    title = re.search(rb'name="(\w+)"', one)
    assert title
    part = r.choice([n for n in contents if "worksheets" in n])
    kind = r.randrange(7)
    if kind == 0:
        new = one.replace(
            title[1], r.choice((title[1].upper(), title[1] + b" ", b"use", b"supply_flows", b"guide", b"#x", b""))
        )
    elif kind == 1:
        new = one.replace(b"<sheet ", b'<sheet state="%s" ' % r.choice((b"hidden", b"veryHidden", b"visible")))
    elif kind == 2:
        new = r.choice((b"", one + other, other))
    elif kind == 3:
        new = re.sub(rb'r:id="\w+"', b'r:id="rId%d"' % r.randint(1, 14), one)
    else:
        new = one
        if kind == 4:
            del contents[part]
        elif kind == 5:
            contents[part] = contents[r.choice([n for n in contents if "worksheets" in n])]
        else:
            merge = b'</sheetData><mergeCells count="1"><mergeCell ref="%s"/></mergeCells>'
            contents[part] = contents[part].replace(
                b"</sheetData>", merge % r.choice((b"A1:B2", b"A1", b"x", b"B2:A1"))
            )
    contents[name] = contents[name].replace(one, new, 1)


def some_xml(r: random.Random, contents: Parts) -> None:
    """A few bytes of the XML of a part are lost, doubled or others."""
    name = r.choice([*contents])
    content = contents[name]
    at, size = r.randrange(len(content)), r.randint(0, 12)
    put = r.choice(
        (
            b"",
            b"<",
            b">",
            b"<!--",
            b'"',
            b"&",
            b"\x00",
            b"\xff",
            b"</row>",
            b"<row>",
            content[at : at + size] * 2,
            r.randbytes(4),
            b"9" * 30,
        )
    )
    contents[name] = content[:at] + put + content[at + size :]


def spoilt_bytes(r: random.Random, content: bytes) -> bytes:
    """A file with bytes lost, added or others."""
    at, size = r.randrange(len(content)), r.randint(1, 16)
    kind = r.randrange(4)
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + r.randbytes(size) + content[at:]
    if kind == 2:
        return content[:at] + content[at + size :]
    return content[:at] + bytes(b ^ r.randint(1, 255) for b in content[at : at + size]) + content[at + size :]


def read_or_refused(path: Path) -> str | None:
    """The digest of what was read; None where it was refused with a place, in few words, and with a way on."""
    try:
        return load_economy(path).digest
    except (TableError, LabelError) as e:
        assert path.name in e.where, str(e)
        assert e.mend or e.expected, str(e)
        assert len(str(e)) < 2000, str(e)[:3000]
        return None


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("sound") / "x.xlsx")


SLIPS: list[tuple[Callable[[random.Random, Parts], None], int]] = [
    (a_cell, 500),
    (a_word, 350),
    (a_row, 250),
    (a_sheet, 250),
    (some_xml, 350),
]


@pytest.mark.parametrize(("slip", "count"), SLIPS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_slips_in_a_workbook(
    sound: Path, tmp_path: Path, slip: Callable[[random.Random, Parts], None], count: int
) -> None:
    whole, refused = parts(sound), 0
    for seed in range(count):
        contents = dict(whole)
        slip(random.Random(seed), contents)
        (tmp_path / "x.xlsx").write_bytes(archive(contents))
        try:
            refused += read_or_refused(tmp_path / "x.xlsx") is None
        except Exception as e:
            raise AssertionError(f"{slip.__name__}, seed {seed}") from e
    assert refused > 0.3 * count  # the slips are slips


def test_damage_to_a_workbook_is_found_or_harmless(sound: Path, tmp_path: Path) -> None:
    """Whatever bytes are lost, the accounts that are read are those that were written."""
    content, whole = sound.read_bytes(), load_economy(sound).digest
    ends = [
        read_or_refused(_put(tmp_path / "x.xlsx", spoilt_bytes(random.Random(seed), content))) for seed in range(300)
    ]
    assert set(ends) <= {None, whole}
    assert ends.count(None) > 150


def test_damage_to_a_parquet_file_is_found_or_harmless(tmp_path: Path) -> None:
    write_parquet(load_economy("island"), tmp_path / "x.parquet")
    content, whole = (tmp_path / "x.parquet").read_bytes(), load_economy("island").digest
    ends = [
        read_or_refused(_put(tmp_path / "x.parquet", spoilt_bytes(random.Random(seed), content))) for seed in range(200)
    ]
    assert set(ends) <= {None, whole}
    assert ends.count(None) > 100


def _put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
