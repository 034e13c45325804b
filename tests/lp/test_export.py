"""The program that is written is the program that is solved: HiGHS reads it back and finds the same optimum."""

from __future__ import annotations

from pathlib import Path

import highspy
import pytest

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.errors import BadInput
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.scenario import Scenario


@pytest.mark.parametrize("ending", ["mps", "lp"])
def test_another_solver_reads_it_and_agrees(ending: str, tmp_path: Path) -> None:
    spec = PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")
    base = Scenario(load_economy("island"), spec)
    file = base.write_program(tmp_path / f"island.{ending}")
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.readModel(str(file))
    h.setOptionValue("solver", "simplex")
    h.run()
    assert -h.getInfo().objective_function_value == pytest.approx(base.first.objective, rel=1e-6)
    names = h.getLp().col_names_
    assert len(set(names)) == len(names) == base.program.problem.shape[1]
    assert any(name.startswith("output.") and name.endswith(".2026") for name in names)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    spec = PlanSpec.from_yaml(embedded_folder("island") / "lustrum.yaml")
    base = Scenario(load_economy("island"), spec)
    with pytest.raises(BadInput, match=r"\.mps or \.lp"):
        base.write_program(tmp_path / "island.txt")
    with pytest.raises(BadInput, match="no stage"):
        base.write_program(tmp_path / "island.lp", stage="the second")
