"""CSV tables: wide or long, exact, and every mistake named with its line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lustrum.accounts import tables
from lustrum.accounts.cells import LARGEST, SMALLEST, boolean, number
from lustrum.accounts.tables import read_array, read_rows
from lustrum.errors import TableError

CODES = {"product": ["corn", "iron"], "activity": ["farm", "mill"], "household": ["all"]}
DIMS = ("product", "activity")


def read(
    tmp_path: Path, text: str | bytes, dims: tuple[str, ...] = DIMS, *, yearly: bool = False, is_bool: bool = False
) -> tuple[np.ndarray, list[int]]:
    path = tmp_path / "use.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_array(path, dims, dict(CODES), yearly=yearly, is_bool=is_bool)


EXPECTED = np.array([[1.0, 2.0], [3.0, 4.5]])


@pytest.mark.parametrize(
    "text",
    [
        "x,farm,mill\ncorn,1,2\niron,3,4.5\n",
        "x,mill,farm\niron,4.5,3\ncorn,2,1\n",  # any order
        "product,activity,value\ncorn,farm,1\ncorn,mill,2\niron,farm,3\niron,mill,4.5\n",
        "value,activity,product\n4.5,mill,iron\n1,farm,corn\n2,mill,corn\n3,farm,iron\n",
        "\ufeffx,farm,mill\r\ncorn,1,2\r\niron,3,4.5\r\n\r\n,,\r\n",  # Excel: mark, line ends, blank rows
        ' x , farm,mill\n"corn", 1 ,2e0\niron,+3,0.45e1',
    ],
    ids=["wide", "wide turned", "long", "long turned", "Excel", "spaces, quotes, exponents"],
)
def test_wide_and_long_say_the_same(tmp_path: Path, text: str) -> None:
    array, years = read(tmp_path, text)
    np.testing.assert_array_equal(array, EXPECTED)
    assert years == []


def test_what_a_long_table_does_not_list_is_zero(tmp_path: Path) -> None:
    array, _ = read(tmp_path, "product,activity,value\niron,mill,4\n")
    np.testing.assert_array_equal(array, [[0, 0], [0, 4]])


def test_years_are_sorted_and_on_the_last_axis(tmp_path: Path) -> None:
    text = "year,product,value\n2030,corn,3\n2025,iron,2\n2025,corn,1\n"
    array, years = read(tmp_path, text, ("product",), yearly=True)
    assert years == [2025, 2030]
    np.testing.assert_array_equal(array, [[1, 3], [2, 0]])


def test_true_and_false_in_many_words(tmp_path: Path) -> None:
    array, _ = read(tmp_path, "product,value\ncorn,Yes\niron,false\n", ("product",), is_bool=True)
    np.testing.assert_array_equal(array, [1, 0])
    assert [boolean(c, "") for c in ("TRUE", "1", "no", "0", "")] == [1, 1, 0, 0, 0]
    with pytest.raises(TableError, match=r"storable\.csv:2: cell is not true or false"):
        boolean("perhaps", "storable.csv:2")


@given(st.floats(-LARGEST, LARGEST).filter(lambda x: x == 0 or abs(x) >= SMALLEST))
def test_every_float_reads_back_exactly(x: float) -> None:
    assert number(repr(x), "") == x


WRONG: dict[str, tuple[str, tuple[str, ...], str]] = {
    "not a number": ("x,farm,mill\ncorn,1,two\niron,3,4\n", DIMS, r"use\.csv:2:mill: cell is not a number"),
    "empty cell": ("x,farm,mill\ncorn,1,\niron,3,4\n", DIMS, "write 0 if it is zero"),
    "spreadsheet error": ("x,farm,mill\ncorn,1,#REF!\niron,3,4\n", DIMS, "mend the formula"),
    "thousands": ('x,farm,mill\ncorn,1,"1,000"\niron,3,4\n', DIMS, "thousands separators"),
    "not finite": ("x,farm,mill\ncorn,1,nan\niron,3,4\n", DIMS, r"use\.csv:2:mill: cell is not a number"),
    "infinite": ("x,farm,mill\ncorn,1,1e999\niron,3,4\n", DIMS, r"use\.csv:2:mill: number is too large"),
    "too large": ("x,farm,mill\ncorn,1,-1e19\niron,3,4\n", DIMS, r"use\.csv:2:mill: number is too large"),
    "too small": ("x,farm,mill\ncorn,1,1e-200\niron,3,4\n", DIMS, r"use\.csv:2:mill: number is too small"),
    "unknown row": ("x,farm,mill\nkorn,1,2\niron,3,4\n", DIMS, r"use\.csv:2: unknown product(.|\n)*'corn'"),
    "unknown column": ("x,farm,mlil\ncorn,1,2\niron,3,4\n", DIMS, r"1:column 3: unknown activity(.|\n)*'mill'"),
    "row missing": ("x,farm,mill\ncorn,1,2\n", DIMS, r"a row is missing(.|\n)*iron"),
    "column missing": ("x,farm\ncorn,1\niron,3\n", DIMS, r"a column is missing(.|\n)*mill"),
    "row twice": ("x,farm,mill\ncorn,1,2\niron,3,4\ncorn,1,2\n", DIMS, "'corn' stands twice"),
    "column twice": ("x,farm,mill,farm\ncorn,1,2,1\niron,3,4,1\n", DIMS, "'farm' stands twice"),
    "ragged": ("x,farm,mill\ncorn,1\niron,3,4\n", DIMS, r"use\.csv:2: row has a different number"),
    "semicolons": ("x;farm;mill\ncorn;1;2\n", DIMS, "separated by semicolons"),
    "empty file": ("", DIMS, "file is empty"),
    "only blanks": ("\n ,\n", DIMS, "file is empty"),
    "open quote": ('x,farm,mill\n"corn,1,2\n', DIMS, "not well-formed CSV"),
    "long, unknown label": ("product,activity,value\ncorn,fram,1\n", DIMS, r"use\.csv:2:activity(.|\n)*'farm'"),
    "long, twice": (
        "product,value\ncorn,1\ncorn,1\n",
        ("product",),
        r"use\.csv:3: same labels stand twice(.|\n)*line 2",
    ),
    "long, unknown column": ("product,activity,valeu,value\n", DIMS, "columns do not fit"),
    "long, no such dimension": ("product,value\ncorn,1\n", DIMS, "columns do not fit"),
    "long, years not allowed": ("product,activity,year,value\n", DIMS, "columns do not fit"),
    "one dimension, no value": ("product,amount\ncorn,1\n", ("product",), "header is not understood"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_its_place_and_mend(tmp_path: Path, name: str) -> None:
    text, dims, message = WRONG[name]
    with pytest.raises(TableError, match=message):
        read(tmp_path, text, dims)


@pytest.mark.parametrize("cell", ["25", "2025.0", "twenty", "", "20255", "-5", "²"])
def test_a_year_is_a_calendar_year(tmp_path: Path, cell: str) -> None:
    text = f"product,year,value\ncorn,{cell},1\n"
    if cell == "25":  # year 25 of our era is odd but is one
        assert read(tmp_path, text, ("product",), yearly=True)[1] == [25]
        return
    with pytest.raises(TableError, match=r"use\.csv:2:year: cell is not a year"):
        read(tmp_path, text, ("product",), yearly=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00a", "not UTF-8"),
        (b"x,farm\ncorn,\x001\n", "binary"),
        (b"caf\xe9,1\n", "byte 3"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path, content)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_rows(tmp_path / "none.csv")
    (tmp_path / "big.csv").write_text("a,b\n" * 100)
    monkeypatch.setattr(tables, "MAX_BYTES", 100)
    with pytest.raises(TableError, match="too large"):
        read_rows(tmp_path / "big.csv")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda s: s.encode("utf-8", "surrogatepass"))),
    st.booleans(),
    st.booleans(),
)
def test_whatever_stands_in_a_file_is_read_or_refused(tmp_path: Path, content: bytes, yearly: bool, flag: bool) -> None:
    """Never another error than ours, never a number that is not finite."""
    for head in (b"", b"product,activity,value\n", b"product,activity,year,value\n", b"x,farm,mill\n"):
        try:
            array, _ = read(tmp_path, head + content, yearly=yearly, is_bool=flag)
        except TableError:
            continue
        assert np.isfinite(array).all()
