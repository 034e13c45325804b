"""The folder of CSV files: what is written reads back exactly, and what is wrong is named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reference.drawn_plan import CaseMaker

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.embedded import embedded_names, load_economy
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.folder import read_folder, write_folder
from lustrum.accounts.readers.netcdf import read_netcdf, write_netcdf
from lustrum.errors import TableError

YAML = "format: lustrum-economy/1\nname: test\nbase_year: 2020\nmoney: M\n"
FILES = {
    "economy.yaml": YAML,
    "products.csv": "code,name,unit\ncorn,Corn,t\niron,Iron,t\n",
    "activities.csv": "code\nfarm\nmill\n",
    "use.csv": "x,farm,mill\ncorn,0.1,0.2\niron,0.3,0.4\n",
    "supply.csv": "product,activity,value\ncorn,farm,1\niron,mill,1\n",
}


def folder(tmp_path: Path, **changes: str | None) -> Path:
    """The files above in a folder, some changed, added or (None) left out; `use_csv` is use.csv."""
    files: dict[str, str | None] = dict(FILES)
    files |= {(k[::-1].replace("_", ".", 1))[::-1]: v for k, v in changes.items()}
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def assert_same(got: Economy, economy: Economy) -> None:
    """Equal in every label and in every bit of every figure."""
    assert got.source == economy.source
    assert got.provenance == economy.provenance
    assert dict(got.sets) == dict(economy.sets)
    assert set(got.data) == set(economy.data)
    for name, array in economy.data.items():
        assert got.data[name].dims == array.dims, name
        assert got.data[name].dtype == array.dtype, name
        np.testing.assert_array_equal(got.data[name].values, array.values, err_msg=name)
        for dim in array.dims:
            assert list(got.data[name][dim].values) == list(array[dim].values), name
    assert got.digest == economy.digest


def both_ways(economy: Economy) -> None:
    """Through the folder and through the one file."""
    with tempfile.TemporaryDirectory() as place:
        write_folder(economy, Path(place) / "economy")
        assert_same(read_folder(Path(place) / "economy"), economy)
        write_netcdf(economy, Path(place) / "economy.nc")
        assert_same(read_netcdf(Path(place) / "economy.nc"), economy)


# round trips --------------------------------------------------------------------------------------------


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_random_accounts_read_back_exactly(seed: int) -> None:
    both_ways(CaseMaker(seed, 6, 3).accounts())


#: Words as people write them: commas, quotes, other scripts; no spaces at the ends, no line ends.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ,\"';|#"), max_size=12)
WORDS = TEXT.map(str.strip)
CODES = st.lists(WORDS.filter(bool), min_size=1, max_size=3, unique=True)
#: What a table can hold: no measurement is smaller or larger.
FIGURES = st.floats(-1e18, 1e18, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) >= 1e-100)


@st.composite
def odd_accounts(draw: st.DrawFn) -> Economy:
    """Small accounts with any label text, any figures, years with nothing in them, truth values, regions, units."""
    sets: dict[str, Any] = {}
    for dim in ("product", "activity", "skill", "asset"):
        codes = tuple(draw(CODES))
        beside = [tuple(draw(st.lists(WORDS, min_size=len(codes), max_size=len(codes)))) for _ in range(3)]
        sets[dim] = Labels(codes, *beside)
    n = {d: len(s.codes) for d, s in sets.items()}

    def figures(*shape: int) -> np.ndarray:
        count = int(np.prod(shape))
        return np.array(draw(st.lists(FIGURES, min_size=count, max_size=count))).reshape(shape)

    years = sorted(draw(st.sets(st.integers(1, 9999), min_size=1, max_size=3)))
    data = {
        "supply": figures(n["product"], n["activity"]), "use": figures(n["product"], n["activity"]),
        "capital_stock": figures(n["asset"], n["activity"]), "output": figures(n["activity"]),
        "labour_coefficient": figures(n["skill"], n["activity"], len(years)) * draw(st.sampled_from([0.0, 1.0])),
        "labour_supply": figures(n["skill"], len(years)) * draw(st.sampled_from([0.0, 1.0])),
        "storable": np.array(draw(st.lists(st.booleans(), min_size=n["product"], max_size=n["product"]))),
    }  # fmt: skip
    source = Source(draw(WORDS.filter(bool)), draw(WORDS), draw(st.integers(0, 9999)), draw(WORDS), draw(WORDS),
                    draw(WORDS), tuple(draw(st.lists(WORDS, max_size=2))))  # fmt: skip
    return Economy.build(source, sets, data, {"labour_coefficient": years, "labour_supply": years})


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(odd_accounts())
def test_any_label_and_any_figure_reads_back_exactly(economy: Economy) -> None:
    both_ways(economy)


@pytest.mark.parametrize("name", embedded_names())
def test_embedded_accounts_read_back_exactly(name: str, tmp_path: Path) -> None:
    economy = load_economy(name)
    write_folder(economy, tmp_path / "copy")
    assert_same(load_economy(tmp_path / "copy"), economy)
    write_netcdf(economy, tmp_path / "copy.nc")
    assert_same(load_economy(tmp_path / "copy.nc"), economy)


def test_writing_flows_reads_back_the_coefficients(tmp_path: Path) -> None:
    economy = load_economy("us-2019-16")
    flows = economy.values("use") * economy.values("output")
    write_folder(economy, tmp_path, {"use_flows": flows})
    assert (tmp_path / "use_flows.csv").exists()
    assert not (tmp_path / "use.csv").exists()
    np.testing.assert_allclose(read_folder(tmp_path).values("use"), economy.values("use"), rtol=1e-14)


def test_nothing_is_left_beside_what_is_written(tmp_path: Path) -> None:
    write_folder(load_economy("island"), tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


# one folder ---------------------------------------------------------------------------------------------


def test_the_least_folder(tmp_path: Path) -> None:
    e = read_folder(folder(tmp_path))
    assert e.base_year == 2020
    assert e.source.money == "M"
    assert e.sets["product"] == Labels(("corn", "iron"), ("Corn", "Iron"), ("t", "t"))
    np.testing.assert_array_equal(e.values("use"), [[0.1, 0.2], [0.3, 0.4]])


def test_a_symmetric_table_needs_no_supply(tmp_path: Path) -> None:
    symmetric = {"activities_csv": "code\ncorn\niron\n", "use_csv": "x,corn,iron\ncorn,0,0\niron,0,0\n"}
    np.testing.assert_array_equal(
        read_folder(folder(tmp_path, supply_csv=None, **symmetric)).values("supply"), np.eye(2)
    )


def test_hidden_files_other_kinds_and_folders_are_not_ours(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / ".DS_Store").write_bytes(b"\0")
    (root / "README.md").write_text("about")
    (root / "notes.csv").mkdir()
    read_folder(root)


def test_embedded_names_are_read_once() -> None:
    assert load_economy("island") is load_economy("island")
    with pytest.raises(TableError, match=r"no economy 'iland'(.|\n)*did you mean 'island'"):
        load_economy("iland")


YEARLY = "skill,year,value\nall,2020,1\n"
WRONG: dict[str, tuple[dict[str, str | None], str]] = {
    "no economy.yaml": ({"economy_yaml": None}, r"economy\.yaml is missing"),
    "no products": ({"products_csv": None}, r"products\.csv is missing"),
    "no activities": ({"activities_csv": None}, r"activities\.csv is missing"),
    "no use": ({"use_csv": None}, "needs 'use'"),
    "no supply": ({"supply_csv": None}, "needs 'supply'"),
    "misspelt table": ({"ouput_csv": "activity,value\nfarm,1\n"}, r"no table goes by this name(.|\n)*output\.csv"),
    "misspelt yaml": ({"economi_yaml": "x: 1"}, "no table goes by this name"),
    "set missing": ({"imports_csv": "product,partner,value\n"}, r"imports\.csv needs partners\.csv"),
    "code twice": ({"activities_csv": "code\nfarm\nfarm\n"}, r"activities\.csv:3:code(.|\n)*first on line 2"),
    "code empty": ({"activities_csv": "code,name\nfarm,Farm\n,Mill\n"}, r"activities\.csv:3:code: code is empty"),
    "no labels": ({"activities_csv": "code\n"}, "no labels"),
    "label column": ({"activities_csv": "code,nmae\nfarm,Farm\n"}, "columns of a label file"),
    "not YAML": ({"economy_yaml": "a: [1"}, "not well-formed YAML"),
    "a list": ({"economy_yaml": "- 1\n"}, "key: value"),
    "unknown key": ({"economy_yaml": YAML + "baseyear: 1\n"}, r"unknown key 'baseyear'(.|\n)*'base_year'"),
    "another format": ({"economy_yaml": YAML.replace("/1", "/2")}, "format is not one"),
    "no year": ({"economy_yaml": YAML.replace("2020", "two")}, "base_year is not a year"),
    "a truth value for a year": ({"economy_yaml": YAML.replace("2020", "true")}, "base_year is not a year"),
    "no name": ({"economy_yaml": YAML.replace("test", "''")}, "name is missing"),
    "a number for money": ({"economy_yaml": YAML.replace("money: M", "money: 5")}, "money must be text"),
    "notes not a list": ({"economy_yaml": YAML + "notes: hello\n"}, "notes must be a list"),
    "years where none may be": ({"output_csv": "activity,year,value\nfarm,2020,1\n"}, "columns do not fit"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(tmp_path: Path, name: str) -> None:
    changes, message = WRONG[name]
    with pytest.raises(TableError, match=message):
        read_folder(folder(tmp_path, **changes))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such economy folder"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("key", ["notes: null\n", "title: Über-land\n", "notes: [one, two]\n"])
def test_optional_words_may_be_left_out_or_given(tmp_path: Path, key: str) -> None:
    read_folder(folder(tmp_path, economy_yaml=YAML + key))


def spoil(text: str, at: int, put: str) -> str:
    return text[:at] + put + text[at + 1 :]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FILES)), st.integers(0, 60), st.sampled_from([*',\n"x-0;:[{&*\t', "\0", "é", "١"]))
def test_one_wrong_character_is_read_or_refused_but_never_crashes(tmp_path: Path, name: str, at: int, put: str) -> None:
    changed: Callable[[str], str] = lambda text: spoil(text, at % len(text), put)  # noqa: E731
    key = (name[::-1].replace(".", "_", 1))[::-1]
    try:
        read_folder(folder(tmp_path, **{key: changed(FILES[name])}))
    except Exception as e:
        from lustrum.errors import BadInput

        assert isinstance(e, BadInput), (name, changed(FILES[name]), e)


def test_what_was_done_to_the_figures_stays_with_them() -> None:
    changes = (
        Change("import split", 'Z: "1", all', "by total, cells", 12.5, 100.25, "no import matrix, so in proportion"),
        Change("scrap", "F: GFGN", "left out"),
    )
    island = load_economy("island")
    economy = Economy(island.source, island.sets, island.data, changes)
    assert economy.with_data(re_export=None).provenance == changes
    assert changes[0].share == 12.5 / 100.25 and changes[1].share == 0
    both_ways(economy)


def test_a_damaged_record_of_changes_is_named(tmp_path: Path) -> None:
    head = "step,where,what,amount,of,why\n"
    with pytest.raises(TableError, match=r"provenance.csv:1"):
        read_folder(folder(tmp_path, provenance_csv="step,what\na,b\n"))
    with pytest.raises(TableError, match=r"provenance.csv:3:amount"):
        read_folder(folder(tmp_path, provenance_csv=head + "a,b,c,1,2,d\na,b,c,x,2,d\n"))
