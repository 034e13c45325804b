"""What the tests of our own files share: the four forms, equality to the last bit, and odd accounts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.folder import read_folder, write_folder
from lustrum.accounts.readers.netcdf import read_netcdf, write_netcdf
from lustrum.accounts.readers.parquet import read_parquet, write_parquet
from lustrum.accounts.readers.workbook import read_workbook
from lustrum.accounts.readers.workbook_write import write_workbook
from lustrum.accounts.words import one_line

Write = Callable[[Economy, Path], None]
Read = Callable[[Path], Economy]

#: Ending of the name -> how it is written and read.
FORMS: dict[str, tuple[Write, Read]] = {
    "": (write_folder, read_folder),
    ".xlsx": (write_workbook, read_workbook),
    ".nc": (write_netcdf, read_netcdf),
    ".parquet": (write_parquet, read_parquet),
}


def assert_same(got: Economy, economy: Economy) -> None:
    """Equal in every label and word, and in every bit of every figure."""
    assert got.source == economy.source
    assert got.provenance == economy.provenance
    assert dict(got.sets) == dict(economy.sets)
    assert set(got.data) == set(economy.data)
    for name, array in economy.data.items():
        assert got.data[name].dims == array.dims, name
        assert got.data[name].dtype == array.dtype, name
        assert got.data[name].values.tobytes() == array.values.tobytes(), name
        for dim in array.dims:
            assert list(got.data[name][dim].values) == list(array[dim].values), name
    assert got.digest == economy.digest


def every_way(economy: Economy) -> None:
    """Through the folder, the workbook, NetCDF and Parquet; nothing is left beside them."""
    with tempfile.TemporaryDirectory() as place:
        for ending, (write, read) in FORMS.items():
            write(economy, Path(place) / f"economy{ending}")
            assert_same(read(Path(place) / f"economy{ending}"), economy)
        assert sorted(p.name for p in Path(place).iterdir()) == sorted(f"economy{ending}" for ending in FORMS)


#: Words as people, other scripts and the ill-minded write them.
ODD = (
    "01",
    "1",
    "1.10",
    "1e5",
    "TRUE",
    "no",
    "2020-01-01",
    "1-2",
    "=1+1",
    "+1",
    "-",
    "@x",
    "'x",
    '"',
    "a,b",
    "a;b",
    "a  b",
    "#REF!",
    "_x000D_",
    "_x0041_",
    "&amp;",
    "<b>",
    "]]>",
    "\u0627",
    "\U0001f33e",
    "e\u0301",
    "\u00a0x",
    "x\u200b",
    "\ufeff",
    "\u202ex",
    "null",
    "~",
    "a: b",
    "# x",
    "[",
    "{",
    "|",
    "year",
    "code",
    "product",
    "all x",
    "Corn",
    "corn",
    "http://a.b/c",
    "mailto:a@b.c",
    "internal:x!A1",
    "x" * 100,
)
_ANY = st.text(st.characters(codec="utf-8"), max_size=8)
#: Words for people: anything goes in, on one line it stays.
WORDS = st.one_of(_ANY, st.sampled_from((*ODD, "", " x ", "a\nb", "\x00", "a\tb\r\n")))


def _is_code(text: str) -> bool:
    try:
        Labels((text, "another"))
    except Exception:
        return False
    return True


CODES = st.lists(
    st.one_of(_ANY.map(str.strip), st.sampled_from(ODD)).filter(_is_code), min_size=1, max_size=3, unique=True
)
#: What accounts can hold: no measurement is smaller or larger.
FIGURES = st.one_of(
    st.sampled_from(
        (0.0, -0.0, 1.0, 1e-100, -1e-100, 1e18, -1e18, 0.1 + 0.2, 2.0**53 + 2, 1 / 3, np.nextafter(1.0, 2.0))
    ),
    st.floats(-1e18, 1e18, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) >= 1e-100),
)


@st.composite
def odd_accounts(draw: st.DrawFn) -> Economy:
    """Small accounts with any label text, any figures, years with nothing in them, truth values, regions, units."""
    sets: dict[str, Any] = {}
    for dim in ("product", "activity", "skill", "asset", "region"):
        codes = tuple(draw(CODES))
        names, units = (tuple(draw(st.lists(WORDS, min_size=len(codes), max_size=len(codes)))) for _ in range(2))
        sets[dim] = Labels(codes, names, units)
    own = tuple(draw(st.sampled_from(sets["region"].codes)) for _ in sets["product"].codes)
    sets["product"] = Labels(sets["product"].codes, sets["product"].names, sets["product"].units, own)
    n = {d: len(s.codes) for d, s in sets.items()}

    def figures(*shape: int) -> np.ndarray:
        count = int(np.prod(shape))
        return np.array(draw(st.lists(FIGURES, min_size=count, max_size=count))).reshape(shape)

    years = sorted(draw(st.sets(st.integers(0, 9999), min_size=1, max_size=3)))
    data = {
        "supply": figures(n["product"], n["activity"]),
        "use": figures(n["product"], n["activity"]) * draw(st.sampled_from([0.0, 1.0])),
        "capital_stock": figures(n["asset"], n["activity"]),
        "output": figures(n["activity"]),
        "labour_coefficient": figures(n["skill"], n["activity"], len(years)) * draw(st.sampled_from([0.0, 1.0])),
        "labour_supply": figures(n["skill"], len(years)) * draw(st.sampled_from([0.0, 1.0])),
        "storable": np.array(draw(st.lists(st.booleans(), min_size=n["product"], max_size=n["product"]))),
        "opening_debt": figures(n["region"]),
    }
    name = draw(WORDS.filter(lambda text: one_line(text) != ""))
    source = Source(
        name,
        draw(WORDS),
        draw(st.integers(0, 9999)),
        draw(WORDS),
        draw(WORDS),
        draw(WORDS),
        tuple(draw(st.lists(WORDS, max_size=2))),
    )
    amounts = st.floats(allow_nan=False, allow_infinity=False)
    changes = st.builds(Change, WORDS, WORDS, WORDS, amounts, amounts, WORDS)
    built = Economy.build(source, sets, data, {"labour_coefficient": years, "labour_supply": years})
    return Economy(built.source, built.sets, built.data, tuple(draw(st.lists(changes, max_size=3))))
