"""Changes of a plan in Python are held to the same rules as a plan file."""

from __future__ import annotations

from typing import Any

import pytest

from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec


def test_a_change_that_a_plan_file_could_say_gives_the_same_plan() -> None:
    spec = PlanSpec.from_text("labour: {supply_growth: 0.01}\nname: here\n")
    changed = spec.model_copy(update={"labour": spec.labour.model_copy(update={"supply_growth": 0.02})})
    assert changed == PlanSpec.from_text("labour: {supply_growth: 0.02}\nname: here\n")
    assert spec.labour.supply_growth == 0.01
    assert spec.model_copy() == spec
    assert changed.model_copy(update={"scale": [{"datum": "labour_supply", "times": 0.9}]}).scale[0].times == 0.9


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("labour", {"supply_growth": 99}, "less than or equal to 0.5"),
        ("labour", {"supply_growth": "much"}, "valid number"),
        ("labour", {"suply_growth": 0.01}, "suply_growth"),
        ("objective", {"costs": [{"of": "labour"}]}, "says nothing under kind living_standard"),
        ("trade", {"limits": [{"flow": "imports"}]}, "give at_most or at_least"),
        ("technology", {"gestation": {"houses": [0.5]}}, "sum to 1"),
    ],
)
def test_a_change_that_a_plan_file_could_not_say_is_refused(section: str, change: dict[str, Any], words: str) -> None:
    spec = PlanSpec()
    with pytest.raises(SpecError, match=words):
        getattr(spec, section).model_copy(update=change)


def test_a_whole_plan_is_checked_too() -> None:
    task = {"name": "same", "terms": [{"of": "output"}], "at_least": 1.0}
    with pytest.raises(SpecError, match="two tasks are called 'same'"):
        PlanSpec().model_copy(update={"tasks": [task, task]})
    with pytest.raises(SpecError):
        PlanSpec().model_copy(update={"horizon": {"years": 0}})


def test_a_mapping_is_read_as_a_plan_file_is() -> None:
    assert PlanSpec.from_mapping({"labour": {"supply_growth": 0.02}}).labour.supply_growth == 0.02
    with pytest.raises(SpecError, match="did you mean 'supply_growth'"):
        PlanSpec.from_mapping({"labour": {"suply_growth": 0.02}})
