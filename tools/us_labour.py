"""Employment by activity in 2019: WIOD's persons engaged of 2014, carried forward with BEA's compensation.

Within a WIOD sector persons are split by compensation of 2014 and follow it to 2019; the total is the
2019 employment of the Current Population Survey. An estimate: no table of persons by these 71
industries is among the sources.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from us_sources import Sources

#: Current Population Survey, annual averages of 2019, thousand persons aged 16 and over.
EMPLOYED_2019, LABOUR_FORCE_2019 = 157_538.0, 163_539.0
#: Share of the labour force that is between jobs: that of 2019, when few who wanted work had none.
FRICTION = 1 - EMPLOYED_2019 / LABOUR_FORCE_2019
#: Resident population, mid-2019, thousand; its growth and that of the labour force is our assumption.
POPULATION_2019, GROWTH = 328_240.0, 0.005
LAST_YEAR = 2035


def employment(sources: Sources) -> pd.Series:
    """Thousand persons by activity in 2019; adds up to `EMPLOYED_2019`."""
    persons = sources.socio_economic(2014)["EMP"]
    pay = {t: sources.table(t).va.loc["V001"] for t in (2014, 2019)}
    output = sources.gross_output()[2014]
    engaged = pd.Series(0.0, index=sources.codes)
    concordance = pd.read_csv(Path(__file__).with_name("labour_us.csv"), dtype=str).fillna("")
    if set(concordance["wiod"]) != set(persons.index):
        raise ValueError("labour_us.csv and WIOD have different sectors")
    for row in concordance.itertuples():
        members = [m for m in row.activities.split(";") if m]
        if not members:
            if persons[row.wiod] != 0:
                raise ValueError(f"{row.wiod} has persons and no activity")
            continue
        weights = pay[2014][members]
        if row.wiod == "G45":  # vehicle dealers by their output; the rest of the sector is repair
            dealers = output["441"] / sources.socio_economic(2014).loc["G45", "GO"]
            weights = pd.Series({"441": dealers, "81": 1 - dealers})
        engaged[members] += persons[row.wiod] * weights / weights.sum()
    estimate = engaged * pay[2019] / pay[2014]
    return estimate * (EMPLOYED_2019 / estimate.sum())


def yearly(level: float) -> dict[int, float]:
    """A level of 2019 that grows with population to `LAST_YEAR`."""
    return {t: round(level * (1 + GROWTH) ** (t - 2019), 1) for t in range(2019, LAST_YEAR + 1)}
