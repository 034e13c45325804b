"""`lustrum whatif`: notes, exit codes, case files and saving; what is no change is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import SpecError
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Change
from lustrum.scenario.scenario import Scenario


def test_no_line_is_a_mistake_of_use(planned: Path, lustrum: Lustrum) -> None:
    assert lustrum("whatif", " ", "-w", planned).exit_code == 2
    (planned / "none.yaml").write_text("case: ''\nchanges: []\n", encoding="utf-8")
    found = lustrum("whatif", "--case", planned / "none.yaml", "-w", planned)
    assert found.exit_code == 0 and "nothing changes" in found.stdout


def test_a_change_that_does_not_bind_is_noted(planned: Path, lustrum: Lustrum) -> None:
    line = "floor food >= 0.1 household=all in 2027".replace(" >= 0.1 household=all", " household=all >= 0.1")
    assert "does not bind" in lustrum("whatif", line, "-w", planned).stdout
    found = json.loads(lustrum("whatif", line, "-w", planned, "--json").stdout)
    assert found["objective_change"] == 0 and "does not bind" in found["notes"][0]


def test_a_later_line_that_replaces_an_earlier_one_is_noted(planned: Path, lustrum: Lustrum) -> None:
    lines = ("floor food >= 0.2 in 2027", "floor food >= 0.1 in 2027")
    found = json.loads(lustrum("whatif", *lines, "-w", planned, "--json").stdout)
    assert "replaces" in found["notes"][0]


def test_an_impossible_change_fits_a_screen_and_exits_with_1(planned: Path, lustrum: Lustrum) -> None:
    found = lustrum("whatif", "floor food >= 2", "-w", planned)
    assert found.exit_code == 1 and len(found.stdout.splitlines()) <= 45


def test_a_limit_that_no_plan_file_moves_is_explained_too(planned: Path, lustrum: Lustrum) -> None:
    found = lustrum("whatif", "scale limit:labour 0", "-w", planned)
    assert found.exit_code == 1
    assert "labour supply" in found.stdout and "can be met together" not in found.stdout


def test_a_case_is_written_once_and_its_plan_saved_and_verified(planned: Path, lustrum: Lustrum) -> None:
    file = planned / "cases" / "fewer.yaml"
    assert lustrum("whatif", "scale labour 0.999 in 2027", "--case", file, "-w", planned).exit_code == 0
    assert lustrum("whatif", "scale labour 0.998", "--case", file, "-w", planned).exit_code == 2
    found = json.loads(lustrum("whatif", "--case", file, "--save", "--json", "-w", planned).stdout)
    assert lustrum("verify", found["plan_id"], "-w", planned).exit_code == 0


@pytest.fixture(scope="module")
def base() -> Scenario:
    return Scenario(load_economy("island"), PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml"))


def test_changes_that_say_nothing_are_refused(base: Scenario) -> None:
    for what, given in (
        ("parameter:trade.import_share_band", {"times": 2.0}),
        ("parameter:trade.import_share_band", {"to": 2.0, "years": [2027]}),
        ("task:new houses", {"times": 1.01}),
        ("limit:labour", {"times": float("nan")}),
        ("decision:output", {"to": float("nan")}),
    ):
        with pytest.raises(SpecError):
            Change(what, **given)  # type: ignore[arg-type]
    assert str(Change("limit:labour", to=3)) == "let limit:labour 3"
    for change in (
        Change("parameter:nothing.at.all", to=3),
        Change("limit:consumption_floor", {"product": ["food"]}, to=1.0),
        Change("task:none", to=1.0),
    ):
        with pytest.raises(SpecError):
            base.solve(change)
    with pytest.raises(SpecError, match="scaled before"):
        base.solve(["scale limit:consumption_floor 1.01", "floor food >= 0.9"])
