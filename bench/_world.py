"""The world input-output table of 2011 as one plan: 41 regions, each with its own labour, capital and needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lustrum.accounts.assemble import Options, to_economy
from lustrum.accounts.readers.wiod_world import read_world
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec
from lustrum.workspace.template import imported_plan


def world(years: int) -> Problem:
    """Return the neutral plan of the whole world as a linear program."""
    repository = Path(__file__).resolve().parents[1]
    data = Path(os.environ.get("LUSTRUM_TEST_DATA", repository / ".." / "shared" / "data"))
    table = data / "wiod2013_mrio" / "wiot_2011.parquet"
    if not table.exists():
        sys.exit(f"no world table at {table}; set LUSTRUM_TEST_DATA to the folder of published tables")
    economy = to_economy(read_world(table), Options())
    spec = PlanSpec.from_text(imported_plan(economy, ""))
    horizon = spec.horizon.model_copy(update={"years": years})
    return build_problem(PlanData(economy, spec.model_copy(update={"horizon": horizon})))
