"""Plans that amendments are tried on: the island, which has a little of everything, and 16 sectors of the US."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.documents import Operation, Version
from lustrum.congress.plan_change import operation_of, plan_version
from lustrum.planning.spec import PlanSpec

Write = Callable[[str], Operation]


@pytest.fixture(scope="session")
def island() -> tuple[Economy, PlanSpec, Version]:
    return _embedded("island")


@pytest.fixture(scope="session")
def us16() -> tuple[Economy, PlanSpec, Version]:
    return _embedded("us-2019-16")


def _embedded(name: str) -> tuple[Economy, PlanSpec, Version]:
    spec = PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    return load_economy(name), spec, plan_version(spec)


@pytest.fixture
def on_island(island: tuple[Economy, PlanSpec, Version]) -> Write:
    return lambda line: operation_of(line, island[2], island[0])


@pytest.fixture
def on_us16(us16: tuple[Economy, PlanSpec, Version]) -> Write:
    return lambda line: operation_of(line, us16[2], us16[0])
