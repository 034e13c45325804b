"""The one file of accounts: exact (see test_folder), sealed, and damage is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.readers.netcdf import FORMAT, read_netcdf, write_netcdf
from lustrum.errors import LustrumError, TableError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "economy.nc"
    write_netcdf(load_economy("island"), path)
    return path


def changed(file: Path, change: dict[str, np.ndarray] | None = None, **attrs: str) -> Path:
    """The file with variables or attributes replaced, its seal kept."""
    with xr.open_dataset(file, engine="h5netcdf") as f:
        dataset = f.load()
    for name, values in (change or {}).items():
        dataset[name] = dataset[name].copy(data=values)
    dataset.attrs |= attrs
    other = file.with_name("changed.nc")
    dataset.to_netcdf(other, engine="h5netcdf")
    return other


def test_the_seal_is_the_digest(file: Path) -> None:
    with xr.open_dataset(file, engine="h5netcdf") as f:
        assert f.attrs["digest"] == load_economy("island").digest
        assert f.attrs["format"] == FORMAT
    read_netcdf(changed(file))


def test_one_changed_figure_breaks_the_seal(file: Path) -> None:
    use = np.array(load_economy("island").values("use"))
    use[0, 0] = np.nextafter(use[0, 0], 1)
    with pytest.raises(TableError, match="do not match the file's own seal"):
        read_netcdf(changed(file, {"use": use}))


def test_changed_words_that_are_sealed_break_the_seal(file: Path) -> None:
    with xr.open_dataset(file, engine="h5netcdf") as f:
        source = f.attrs["source"]
    year = load_economy("island").base_year
    with pytest.raises(TableError, match="seal"):
        read_netcdf(changed(file, source=source.replace(f'"base_year": {year}', f'"base_year": {year + 1}')))


@pytest.mark.parametrize(
    "attrs",
    [
        {"format": "lustrum-economy-nc/9"},
        {"source": "{"},
        {"source": "{}"},
        {"source": "[]"},
        {"labels": "[1, 2]"},
        {"labels": "{}"},
        {"labels": '{"product": 1}'},
        {"digest": ""},
    ],
    ids=str,
)
def test_broken_words_are_refused(file: Path, attrs: dict[str, str]) -> None:
    with pytest.raises(LustrumError):
        read_netcdf(changed(file, None, **attrs))


def test_a_figure_that_is_no_number_is_refused(file: Path) -> None:
    use = np.array(load_economy("island").values("use"))
    use[0, 0] = np.nan
    with pytest.raises(LustrumError):
        read_netcdf(changed(file, {"use": use}))


def test_an_unknown_variable_is_refused(file: Path) -> None:
    with xr.open_dataset(file, engine="h5netcdf") as f:
        dataset = f.load()
    dataset["nonsense"] = xr.DataArray(1.0)
    dataset.to_netcdf(file.with_name("more.nc"), engine="h5netcdf")
    with pytest.raises(TableError):
        read_netcdf(file.with_name("more.nc"))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_refused(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(TableError):
        read_netcdf(file)


# a damaged file makes h5py complain once more while it is closed
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_damage_anywhere_is_found_or_harmless(file: Path) -> None:
    """One byte turned over at 30 places: what is read, if anything, is the same accounts."""
    content, whole = file.read_bytes(), load_economy("island")
    places = np.random.default_rng(0).integers(0, len(content), 30)
    found = 0
    for at in places:
        spoilt = bytearray(content)
        spoilt[at] ^= 0xFF
        file.write_bytes(bytes(spoilt))
        try:
            assert read_netcdf(file).digest == whole.digest
        except TableError:
            found += 1
    assert found > 0


def test_no_file_and_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        read_netcdf(tmp_path / "none.nc")
    (tmp_path / "text.nc").write_text("a,b\n1,2\n")
    with pytest.raises(TableError):
        read_netcdf(tmp_path / "text.nc")


def test_writing_replaces_whole_and_leaves_nothing_beside(file: Path) -> None:
    write_netcdf(load_economy("island").with_data(opening_stock=None, storable=None), file)
    assert not read_netcdf(file).has("opening_stock")
    assert [p.name for p in file.parent.iterdir()] == ["economy.nc"]
