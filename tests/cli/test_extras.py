"""Where the library of an extra is missing or damaged, the message names it and the line for pip."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.accounts.readers.mrio_layouts import World, write_oecd
from tests.accounts.readers.sdmx_layouts import eurostat, write_csv

from lustrum.cli import cli

Program = Callable[..., "subprocess.CompletedProcess[str]"]
EXTRA = {"python_calamine": "excel", "xlsxwriter": "excel", "pymrio": "mrio", "pysdmx": "sdmx"}
#: What stands in a library's place: code cut short, a part that is gone, a binary for another machine.
DAMAGE = {
    "python_calamine": "raise ImportError('undefined symbol: PyInit_read')",
    "xlsxwriter": "def write(",
    "pymrio": "from . import _parts",
}
#: As if nothing were installed by that name.
HIDE = """
import sys

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name == {library!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hide())
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
    return commands | {"xlsxwriter": ["economy", "template", str(folder / "new.xlsx")]}


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("library", ["python_calamine", "pysdmx"])
def test_a_missing_library_is_named_with_the_line_for_pip(
    library: str, asked: dict[str, list[str]], program: Program, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(library=library), encoding="utf-8")
    message = refused(program(*asked[library], PYTHONPATH=str(tmp_path)))
    assert f"{library}: " in message and "need a library that is not installed" in message
    assert f"pip install 'lustrum[{EXTRA[library]}]'" in message
    assert not Path(asked[library][-1]).exists()


@pytest.mark.parametrize("library", DAMAGE)
def test_a_damaged_library_is_named_with_the_line_for_pip(
    library: str, asked: dict[str, list[str]], program: Program, tmp_path: Path
) -> None:
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text(DAMAGE[library], encoding="utf-8")
    message = refused(program(*asked[library], PYTHONPATH=str(tmp_path)))
    assert f"{library}: " in message and "installed, but not whole" in message and "Error: " in message
    assert f"pip install --force-reinstall 'lustrum[{EXTRA[library]}]'" in message
    assert not Path(asked[library][-1]).exists()
