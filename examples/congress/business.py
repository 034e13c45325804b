"""What the congress of the example deals with: its papers, motions and amendments. Data alone; `play.py` plays it.

Every figure is invented for the example. The plan is the one that comes with the economy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

REPORT = """\
# Report on the last plan

The last plan set out to raise the needs of all by four per cent in five years.

Food, health and education were raised as planned. Housing fell behind: dwellings were finished one year late.

| need | planned | reached |
|---|---|---|
| housing | 1.04 | 1.02 |
| food | 1.04 | 1.05 |

The committee proposes that the next plan begin with dwellings.
"""

MINUTES = """\
## Article 16. Minutes

The secretariat keeps minutes of every session. They are approved by the next session of the same body.
"""

#: Motions besides those on the report, the plan and the statute: title, and what becomes of it.
MOTIONS = (
    ("Sessions are open to listeners", "adopted"),
    ("The agenda is published thirty days before", "adopted"),
    ("Delegates report to those who elected them", "adopted"),
    ("A library of plans is kept", "adopted"),
    ("The congress meets in another district each time", "rejected"),
    ("Reports are read in full", "rejected"),
    ("Travel is paid by the congress", "adopted"),
    ("The plan is printed in large type", "adopted"),
    ("A prize for the best proposal", "withdrawn"),
    ("Working hours in the fifth year", "referred"),
    ("A survey of dwellings", "adopted"),
    ("Figures are published every month", "adopted"),
)


@dataclass(frozen=True)
class Moved:
    """An amendment to the plan: its line, how far it reaches as declared, and whether the delegates want it.

    What they want they adopt if there is such a plan; an amendment that another one excludes is moot before its turn.
    """

    line: str
    wanted: bool = True
    reach: int = 0


def amendments(level: Callable[[str, int], float], metal: str, food: str, metal_target: float) -> list[Moved]:
    """Return thirty amendments: some exclude each other, some ask for what no plan can give, some are not wanted.

    Parameters
    ----------
    level
        What the plan gives of a need in a year, per head, 1 being 2019. Floors ask for a little more.
    metal, food
        Codes of the sectors that make metal and food.
    metal_target
        What metal is to put out in 2024, in million USD.
    """

    def floor(need: str, year: int, more: float) -> str:
        return f"floor {need} >= {level(need, year) + more:.4f} in {year}"

    return [
        Moved(floor("housing", 2022, 0.0005), reach=1),
        Moved(floor("housing", 2022, 0.001), reach=5),
        Moved(floor("housing", 2022, 0.0015), wanted=False, reach=9),
        Moved(floor("food", 2021, 0.002), reach=2),
        Moved(floor("food", 2021, 0.001), reach=1),
        Moved(floor("food", 2023, 0.004), wanted=False),
        Moved(floor("health", 2023, 0.004)),
        Moved(floor("education", 2024, 0.004), reach=3),
        Moved(floor("education", 2024, 0.002), reach=1),
        Moved(floor("transport", 2024, 0.003)),
        Moved(floor("communication", 2024, 0.003)),
        Moved(floor("clothing", 2023, 0.01), wanted=False),
        Moved(floor("recreation", 2024, 0.01), wanted=False),
        Moved("set trade.export_band = 0.02", reach=1),
        Moved("set trade.export_band = 0.05", wanted=False, reach=2),
        Moved("set trade.import_share_band = 0.05"),
        Moved("set trade.export_growth = 0.025", wanted=False),
        Moved("set objective.elasticity = 3", wanted=False),
        Moved("set terminal.growth = 0.0185", reach=2),
        Moved("set terminal.growth = 0.0182", reach=1),
        Moved("set adjustment.output.up = 0.08", wanted=False),
        Moved("set investment.stock_growth_cap = 0.3"),
        Moved("set technology.labour_productivity_growth = 0.013", wanted=False),
        Moved('task "government research" >= 257000 in 2024'),
        Moved('task "dwellings" >= 890000 in 2023'),
        Moved('task "structures" >= 3000000 in 2024'),
        Moved("delete tasks[government structures]", wanted=False),
        Moved(f'task "metal" output {metal} >= {metal_target:.0f} in 2024'),
        Moved(f'task "leap" output {metal} >= 99000000 in 2024'),
        Moved(f"self_sufficiency {food} >= 0.7 in 2024"),
    ]
