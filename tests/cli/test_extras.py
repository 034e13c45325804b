"""Where the library of an extra is missing or damaged, the message names it and the line for pip.

A base installation, which has none of them, plans, asks what if, verifies and holds a congress.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.accounts.readers.mrio_layouts import World, write_oecd
from tests.accounts.readers.sdmx_layouts import eurostat, write_csv

from lustrum.cli import cli, doctor

Program = Callable[..., "subprocess.CompletedProcess[str]"]
EXTRA = {"python_calamine": "excel", "xlsxwriter": "excel", "pymrio": "mrio", "pysdmx": "sdmx", "pyarrow": "parquet"}
#: What the extras install, by the name that is imported.
OF_EXTRAS = (
    *EXTRA,
    *("starlette", "uvicorn", "jinja2", "altair", "typst", "vl_convert"),
    *("cupy", "cupyx", "dask", "distributed", "axelrod"),
)
#: What stands in a library's place: code cut short, a part that is gone, a binary for another machine.
DAMAGE = {
    "python_calamine": "raise ImportError('undefined symbol: PyInit_read')",
    "xlsxwriter": "def write(",
    "pymrio": "from . import _parts",
}
#: As if nothing were installed by that name.
HIDE = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest, **named: None if name in {libraries!r} else find(name, *rest, **named)
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """A command that needs each library."""
    folder = tmp_path_factory.mktemp("asked")
    book = folder / "table.xlsx"
    assert CliRunner().invoke(cli, ["economy", "template", str(book), "--published"]).exit_code == 0
    sources = {
        "python_calamine": book,
        "pymrio": write_oecd(
            folder / "ICIO2021_2018.csv",
            World(("AUS", "USA"), ("01T02", "03"), 6),
            ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR"),
        ),
        "pysdmx": write_csv(folder / "table.csv", eurostat()),
    }
    commands = {
        name: ["economy", "import", str(path), "-o", str(folder / f"of_{name}")] for name, path in sources.items()
    }
    return commands | {
        "xlsxwriter": ["economy", "template", str(folder / "new.xlsx")],
        "pyarrow": ["economy", "export", "island", "-o", str(folder / "accounts.parquet")],
    }


def ahead(folder: Path) -> str:
    """PYTHONPATH with a folder before what is there."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def hide(folder: Path, *libraries: str) -> str:
    """Return a PYTHONPATH under which no library of these names is installed."""
    (folder / "sitecustomize.py").write_text(HIDE.format(libraries=libraries), encoding="utf-8")
    return ahead(folder)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("library", ["python_calamine", "pysdmx", "pyarrow"])
def test_a_missing_library_is_named_with_the_line_for_pip(
    library: str, asked: dict[str, list[str]], program: Program, tmp_path: Path
) -> None:
    message = refused(program(*asked[library], PYTHONPATH=hide(tmp_path, library)))
    assert f"{library}: " in message and "need a library that is not installed" in message
    assert f"pip install 'lustrum[{EXTRA[library]}]'" in message
    assert not Path(asked[library][-1]).exists()


@pytest.mark.parametrize("library", DAMAGE)
def test_a_damaged_library_is_named_with_the_line_for_pip(
    library: str, asked: dict[str, list[str]], program: Program, tmp_path: Path
) -> None:
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text(DAMAGE[library], encoding="utf-8")
    message = refused(program(*asked[library], PYTHONPATH=ahead(tmp_path)))
    assert f"{library}: " in message and "installed, but not whole" in message and "Error: " in message
    assert f"pip install --force-reinstall 'lustrum[{EXTRA[library]}]'" in message
    assert not Path(asked[library][-1]).exists()


def test_a_base_installation_plans_asks_what_if_verifies_and_holds_a_congress(program: Program, tmp_path: Path) -> None:
    path, home = hide(tmp_path, *OF_EXTRAS), str(tmp_path / "island")
    for command in (
        ["demo", str(tmp_path / "demo"), "--economy", "island"],
        ["new", home, "--economy", "island"],
        ["plan", "-w", home],
        ["show", "-w", home],
        ["verify", "-w", home],
        ["whatif", "floor food >= 1.001 in 2027", "-w", home],
        ["congress", "new", "Assembly of the island", "-w", home],
        ["congress", "show", "-w", home],
        ["congress", "verify", str(Path(home) / "lustrum.db")],
        ["economy", "export", "island", "-o", str(tmp_path / "island.nc")],
    ):
        done = program(*command, PYTHONPATH=path)
        assert done.returncode == 0, done.stderr


def test_doctor_says_that_parquet_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda name: "missing" if name == "pyarrow" else "1.0")
    told = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).stdout)
    assert told["parquet"] == "not installed; pip install 'lustrum[parquet]'" and told["excel"] == "installed"
