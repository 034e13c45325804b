"""Example workspaces, solved once and shared."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from lustrum.accounts.embedded import load_economy
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def _solve(name: str, file: str) -> Plan:
    folder = EXAMPLES / name
    spec = PlanSpec.from_yaml(folder / file)
    return solve_plan(load_economy(folder / spec.economy), spec)


@pytest.fixture(scope="session")
def solve_example() -> Callable[..., Plan]:
    """Solve a plan file of an example: `solve_example(folder, file)`."""

    def solve(name: str, file: str = "lustrum.yaml") -> Plan:
        return _solve(name, file)

    return solve
