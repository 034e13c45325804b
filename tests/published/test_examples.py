"""Every plan file under examples/ solves, is certified, and stands in a folder that says where it is from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lustrum.planning.plan import Plan

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_plan_file_solves_and_is_certified(file: Path, solve_example: Callable[..., Plan]) -> None:
    plan = solve_example(file.parent.name, file.name)
    assert plan.status == "optimal"
    c = plan.certificate
    assert max(c.primal_residual, c.dual_residual, c.gap) <= 1e-6


@pytest.mark.parametrize("folder", sorted({f.parent for f in FILES}), ids=lambda f: f.name)
def test_example_cites_its_source_and_is_listed(folder: Path) -> None:
    assert "**Source.**" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "lustrum.yaml").exists()
    assert f"`{folder.name}`" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
