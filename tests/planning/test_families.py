"""The table of constraint families against the model, the check, the reference and the docs: one list, not five."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.properties.economies import random_case
from tests.reference.formulation import program
from tests.reference.reading import Reading

import lustrum
from lustrum.accounts.embedded import load_economy
from lustrum.errors import LustrumError
from lustrum.planning import model
from lustrum.planning.data import PlanData
from lustrum.planning.families import FAMILIES, IDENTITIES, limit_size
from lustrum.planning.limits import Limits
from lustrum.planning.model import build_problem
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict.figures import HANDLERS
from lustrum.solving.solve import solve_plan
from lustrum.solving.verify.check import all_families
from lustrum.solving.verify.frame import Frame

SEEDS = range(120)
#: Rows that only a stage or a solver adds, never a definition.
OF_STAGES = {"lexicographic_bound"}


@cache
def cases() -> list[PlanData]:
    out = []
    for seed in SEEDS:
        try:
            data = PlanData(*random_case(seed, 6, 4))
            data.limits  # noqa: B018
        except LustrumError:
            continue
        out.append(data)
    return out


def test_every_row_of_every_model_has_its_family_in_the_table() -> None:
    found: dict[str, tuple[str, ...]] = {}
    for data in cases():
        for name, grid in build_problem(data).rows.items():
            found[name] = tuple(d for d in grid.dims if d != "year")
    assert set(found) == set(FAMILIES) - OF_STAGES
    assert {name: FAMILIES[name].dims for name in found} == found


def test_the_check_knows_the_same_families_on_the_same_labels() -> None:
    found = {fam.name: fam.dims for data in cases() for fam in all_families(Frame(data))}
    assert set(found) == set(FAMILIES) - OF_STAGES
    assert all(FAMILIES[name].dims == dims for name, dims in found.items())


def test_the_reference_knows_the_same_families() -> None:
    found = {row.family for data in cases() for row in program(Reading(data.economy, data.spec)).rows}
    assert found == set(FAMILIES) - OF_STAGES - {"utility", "basket", "lowest", "proportion"}


def test_every_family_is_defined_once_in_the_model() -> None:
    folder = Path(inspect.getfile(model)).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert set(FAMILIES) - OF_STAGES <= set(re.findall(r'"(\w+)"', source)) | _assembled(source)


def _assembled(source: str) -> set[str]:
    """Names that the model puts together from a variable and a side."""
    return {f"{n}_{s}" for n in ("output", "investment") for s in ("up", "down") if f'"{n}_' in source}


def test_no_second_list_of_families_is_kept() -> None:
    """Nowhere else do six names of families stand in one set, tuple or mapping, but where each has its own code."""
    allowed = {"families.py"}
    for path in Path(lustrum.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
                items = node.elts
            elif isinstance(node, ast.Dict):
                items = [k for k, v in zip(node.keys, node.values, strict=True) if not _is_code(v)]
            else:
                continue
            names = {i.value for i in items if isinstance(i, ast.Constant) and i.value in FAMILIES}
            assert len(names) < 6 or path.name in allowed, f"{path.name}: {sorted(names)}"


def _is_code(node: ast.expr | None) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute))


def test_the_figures_of_every_limit_belong_to_one_family() -> None:
    named = [f.limits for f in FAMILIES.values() if f.limits]
    assert sorted(named) == sorted(f.name for f in fields(Limits))


def test_every_place_in_the_plan_file_is_one() -> None:
    document = PlanSpec.model_json_schema(by_alias=True)

    def resolved(node: dict) -> dict:  # type: ignore[type-arg]
        return document["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node

    for family in FAMILIES.values():
        node = document
        for part in family.place.split(".") if family.place else []:
            assert part in node["properties"], (family.name, family.place)
            node = resolved(node["properties"][part])
        if family.key:
            assert family.key in resolved(node["items"])["properties"], (family.name, family.key)


def test_advice_is_only_given_on_families_that_have_a_place() -> None:
    assert set(HANDLERS) <= {f.name for f in FAMILIES.values() if f.place}


def test_identities_are_never_limits_that_could_be_relaxed_by_name() -> None:
    assert all(not FAMILIES[name].asked and not FAMILIES[name].place for name in IDENTITIES)


@cache
def island() -> Plan:
    return solve_plan(load_economy("island"), PlanSpec())


@pytest.mark.parametrize("family", sorted(island().stages[-1].marginal_values))
def test_what_one_percent_means_stands_on_the_labels_of_the_family(family: str) -> None:
    array = island().stages[-1].marginal_values[family]
    year = int(array["year"].values[0]) if "year" in array.dims else None
    size = limit_size(island(), family, year)
    shape = tuple(array.sizes[d] for d in array.dims if d != "year")
    assert (FAMILIES[family].size is None) == (FAMILIES[family].limit == "")
    assert size.shape == (shape if FAMILIES[family].limit else ())
    assert (size >= 0).all()


def test_one_percent_of_labour_is_one_percent_of_its_supply() -> None:
    plan = island()
    assert np.array_equal(limit_size(plan, "labour", 2027), plan.data.labour_supply(2))
