"""A workspace with one plan, made once; commands run in this process or in their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lustrum.cli import cli

Lustrum = Callable[..., Result]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lustrum() -> Lustrum:
    """Run a command here: `lustrum("plan", "--json")`; stdout and stderr apart."""

    def run(*args: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(a) for a in args])

    return run


@pytest.fixture
def program() -> Program:
    """Run a command as a process of its own."""

    def run(*args: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lustrum.cli", *map(str, args)]
        env = {**os.environ, "OMP_NUM_THREADS": "1", **changes}
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def planned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once") / "island"
    for args in (["new", str(folder), "--economy", "island"], ["plan", "-w", str(folder)]):
        result = CliRunner().invoke(cli, args)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def planned(planned_once: Path, tmp_path: Path) -> Path:
    """A workspace of the island with one plan, to spoil at will."""
    return Path(shutil.copytree(planned_once, tmp_path / "island"))


@pytest.fixture
def infeasible(planned: Path) -> Path:
    """A workspace in which no plan is possible: twice the food, at once."""
    file = planned / "lustrum.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  floors:\n", "  floors:\n    - {need: food, at_least: 2.0}\n"), encoding="utf-8")
    assert "at_least: 2.0" in file.read_text(encoding="utf-8")
    return planned
