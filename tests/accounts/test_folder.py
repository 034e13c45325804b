"""The folder of CSV files: what is written reads back exactly, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounts.made import every_way

from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.folder import read_folder, write_folder
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


def test_a_folder_with_anything_in_it_is_not_written_into(tmp_path: Path) -> None:
    """Tables of other accounts would be read as these."""
    write_folder(load_economy("us-2019-16"), tmp_path / "a")
    before = {p: p.read_bytes() for p in (tmp_path / "a").iterdir()}
    with pytest.raises(TableError, match="not empty"):
        write_folder(load_economy("island"), tmp_path / "a")
    assert {p: p.read_bytes() for p in (tmp_path / "a").iterdir()} == before
    (tmp_path / "b" / ".git").mkdir(parents=True)
    write_folder(load_economy("island"), tmp_path / "b")
    assert read_folder(tmp_path / "b").digest == load_economy("island").digest
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b"}


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
    "no economy.yaml": ({"economy_yaml": None}, r"economy\.yaml is missing(.|\n)*lustrum economy import"),
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
}


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
    every_way(economy)


def test_a_damaged_record_of_changes_is_named(tmp_path: Path) -> None:
    head = "step,where,what,amount,of,why\n"
    with pytest.raises(TableError, match=r"provenance.csv:1"):
        read_folder(folder(tmp_path, provenance_csv="step,what\na,b\n"))
    with pytest.raises(TableError, match=r"provenance.csv:3:amount"):
        read_folder(folder(tmp_path, provenance_csv=head + "a,b,c,1,2,d\na,b,c,x,2,d\n"))
