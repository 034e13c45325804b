"""The public surface is `lustrum.__all__`, sorted, and importing it costs nothing."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

import lustrum as lu


def test_all_names_are_sorted_and_there() -> None:
    assert lu.__all__ == sorted(lu.__all__)
    assert len(set(lu.__all__)) == len(lu.__all__)
    for name in lu.__all__:
        assert getattr(lu, name) is not None


def test_nothing_else_is_public() -> None:
    for name in lu.__all__:
        getattr(lu, name)
    rooms = {module.name for module in pkgutil.iter_modules(lu.__path__)} | {"economies"}
    helpers = {"annotations", "import_module", "Any", "TYPE_CHECKING"}
    public = {n for n in vars(lu) if not n.startswith("_")}
    assert public - set(lu.__all__) - rooms == helpers


def test_dir_is_the_public_surface() -> None:
    assert set(dir(lu)) == {*lu.__all__, "__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    try:
        lu.plam  # noqa: B018
    except AttributeError as e:
        assert "plam" in str(e)
    else:
        raise AssertionError


def test_importing_lustrum_imports_nothing_heavy() -> None:
    heavy = ("numpy", "xarray", "pydantic", "highspy")
    code = f"import sys, lustrum; sys.exit([m for m in {heavy} if m in sys.modules] or 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_error_is_in_one_tree() -> None:
    errors = [getattr(lu, n) for n in lu.__all__ if isinstance(getattr(lu, n), type)]
    for error in errors:
        if issubclass(error, Exception):
            assert issubclass(error, lu.LustrumError) and error.exit_code in (1, 2)


def test_the_walk_of_the_readme() -> None:
    economy = lu.load_economy("island")
    spec = lu.PlanSpec.from_text("name: walk\neconomy: island\nadjustment: {output: {down: 0.05, up: 0.05}}")
    plan = lu.solve(economy, spec)
    assert plan.certificate.holds
    assert lu.verify(plan).ok
    assert len(lu.strongest_limits(plan, 3)) <= 3
    assert lu.sector_sheet(plan, "farms")["tasks"]["output"]
    assert isinstance(lu.diagnose(plan.data), list)


def test_the_citation_names_this_version_and_licence() -> None:
    root = Path(__file__).parents[1]
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert cited["authors"] == project["authors"]
