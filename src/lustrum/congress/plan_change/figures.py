"""What becomes of a figure of the plan file when it is set for some years only: exactly those years change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from lustrum.congress.documents import Json
from lustrum.planning.calendar import Calendar
from lustrum.planning.sections import Path_


def with_years(old: Json, value: float, years: Sequence[int], calendar: Calendar, where: str) -> Json:
    """Return a figure that is `value` in the years named and what it was in the others.

    A figure for all years is written out by year first: a number, a ramp or a growing value says in each year what it
    said before.
    """
    for year in years:
        calendar.offset(year, where)
    by_year = written_out(old, calendar, where)
    by_year.update(dict.fromkeys(years, value))
    return {str(year): by_year[year] for year in sorted(by_year)}


def written_out(figure: Json, calendar: Calendar, where: str) -> dict[int, float]:
    """Return a figure by calendar year, only the years for which it says something."""
    if figure is None:
        return {}
    raw: Any = {int(k): v for k, v in figure.items()} if _by_year(figure) else figure
    values = calendar.figure(_ADAPTER.validate_python(raw), where)
    return {calendar.year(k + 1): float(v) for k, v in enumerate(values) if not np.isnan(v)}


def _by_year(figure: Json) -> bool:
    return isinstance(figure, dict) and all(k.isdigit() for k in figure)


_ADAPTER: TypeAdapter[Path_] = TypeAdapter(Path_)
