"""Folder, workbook, NetCDF and Parquet hold the same accounts: every figure to the last bit, every label and word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounts.made import FORMS, assert_same, every_way, odd_accounts
from tests.reference.drawn_plan import CaseMaker

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.embedded import embedded_names, load_economy
from lustrum.accounts.provenance import Change
from lustrum.errors import LabelError, TableError

SETS = {"product": ["corn"], "activity": ["farm"]}
CORE = {"supply": np.ones((1, 1)), "use": np.zeros((1, 1))}


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_random_accounts_read_back_exactly(seed: int) -> None:
    every_way(CaseMaker(seed, 6, 3).accounts())


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(odd_accounts())
def test_any_label_any_word_and_any_figure_reads_back_exactly(economy: Economy) -> None:
    every_way(economy)


@pytest.mark.parametrize("name", embedded_names())
def test_embedded_accounts_read_back_exactly(name: str, tmp_path: Path) -> None:
    for ending, (write, _) in FORMS.items():
        write(load_economy(name), tmp_path / f"copy{ending}")
        assert_same(load_economy(tmp_path / f"copy{ending}"), load_economy(name))


@pytest.mark.parametrize("ending", [e for e in FORMS if e])
def test_a_file_is_known_by_its_content_not_its_name(ending: str, tmp_path: Path) -> None:
    write, _ = FORMS[ending]
    for other in (".csv", next(e for e in FORMS if e not in ("", ending))):
        write(load_economy("island"), tmp_path / f"x{other}")
        assert load_economy(tmp_path / f"x{other}").digest == load_economy("island").digest


@pytest.mark.parametrize("ending", [e for e in FORMS if e])
def test_the_same_accounts_give_the_same_bytes_and_replace_what_was_there(ending: str, tmp_path: Path) -> None:
    write, read = FORMS[ending]
    first, again = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    again.write_bytes(b"something else")
    write(load_economy("island"), first)
    write(load_economy("island"), again)
    if ending != ".nc":  # HDF5 keeps times of its own
        assert first.read_bytes() == again.read_bytes()
    assert_same(read(again), load_economy("island"))
    assert {p.name for p in tmp_path.iterdir()} == {first.name, again.name}


@pytest.mark.parametrize("ending", [e for e in FORMS if e])
def test_a_place_that_cannot_be_written_is_left_as_it_was(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"a{ending}").mkdir()
    with pytest.raises(OSError):
        FORMS[ending][0](load_economy("island"), tmp_path / f"a{ending}")
    assert [p.name for p in tmp_path.iterdir()] == [f"a{ending}"]


# what no form could hold is no economy --------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "",
        " a",
        "a ",
        "\u00a0a",
        "a\nb",
        "a\tb",
        "\x00",
        "a\x7f",
        "\u2028",
        "\ud800",
        "\uffff",
        "value",
        "x" * 101,
        7,
        None,
    ],
)
def test_codes_that_some_form_cannot_hold_are_refused(code: str) -> None:
    with pytest.raises(LabelError) as caught:
        Labels(("fine", code))
    assert caught.value.mend


def test_all_is_a_code_only_where_it_stands_alone() -> None:
    assert Labels(("all",)).codes == ("all",)
    with pytest.raises(LabelError, match="meaning of its own"):
        Labels(("all", "some"))


def test_words_for_people_are_put_on_one_line() -> None:
    labels = Labels(("a",), (" Corn,\r\n  and maize\t",), ("t\x00",))
    assert labels.names == ("Corn,   and maize",)
    assert labels.units == ("t",)
    assert Source("x\ny", notes=("a\nb", " ", "c")).notes == ("a b", "c")
    assert Change("a\nb", "", "\ud800").what == "\ufffd"
    assert "characters more)" in Change("a", "", "x" * 100_000).what
    economy = Economy.build(Source("x"), {**SETS, "product": Labels(("corn",), ("a\nb",))}, CORE)
    every_way(economy)


def test_longest_words_still_fit_every_form() -> None:
    source = Source("n" * 200, "t" * 30_000, 9999, notes=("=" * 30_000, "\U0001f33e" * 9_000))
    labels = Labels(("c" * 100,), ("\U0001f33e" * 2_000,), ("u" * 2_000,))
    built = Economy.build(source, {**SETS, "product": labels}, CORE)
    every_way(Economy(built.source, built.sets, built.data, (Change("s", "w" * 30_000, "x" * 40_000),)))


@pytest.mark.parametrize(
    "source",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "x", "base_year": -1},
        {"name": "x", "base_year": 10_000},
        {"name": "x", "notes": ("x" * 30_000,) * 4},
        {"name": "x", "title": "x" * 40_000},
    ],
)
def test_a_source_that_some_form_cannot_hold_is_refused(source: dict[str, str]) -> None:
    with pytest.raises(TableError) as caught:
        Source(**source)  # type: ignore[arg-type]
    assert caught.value.where and caught.value.mend


@pytest.mark.parametrize("figure", [1e-101, -5e-324, 1.1e18, -1e300])
def test_figures_beyond_all_measurement_are_refused(figure: float) -> None:
    with pytest.raises(TableError, match="beyond all measurement") as caught:
        Economy.build(Source("x"), SETS, {**CORE, "use": [[figure]]})
    assert "product=corn, activity=farm" in caught.value.where


def test_accounts_know_one_zero() -> None:
    economy = Economy.build(Source("x"), SETS, {**CORE, "output": [-0.0]})
    assert not np.signbit(economy.values("output")).any()


def test_sets_without_labels_or_without_a_meaning_are_refused() -> None:
    with pytest.raises(LabelError, match="'asset' has no labels"):
        Economy.build(Source("x"), {**SETS, "asset": []}, CORE)
    with pytest.raises(LabelError, match="unknown set 'assets'"):
        Economy.build(Source("x"), {**SETS, "assets": ["x"]}, CORE)


def test_a_change_has_finite_amounts() -> None:
    for amount in (np.nan, np.inf):
        with pytest.raises(TableError, match="no finite number"):
            Change("a", "b", "c", amount)
