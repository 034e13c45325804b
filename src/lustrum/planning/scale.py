"""`scale`: figures of the accounts that one plan changes, such as labour supply times 0.98 in two years.

The accounts stay as they are. `PlanData` applies the entries where it reads a figure, in the order of the list, after
the plan file's own growth rates. What the accounts derive from another figure (κ from opening stocks, export prices
from import prices, assets under construction from base investment) stays as it was: it is scaled under its own name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME, SETS, Field
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.calendar import Calendar
from lustrum.planning.sections import ALL, Scaling
from lustrum.planning.select import positions
from lustrum.planning.spec_shape import LARGEST
from lustrum.strict_yaml import clip

#: Fields for which a plan has a figure even where the accounts have none: 0, 1, or derived from another field.
ALWAYS_THERE = frozenset(
    {
        "capital_coefficient",
        "under_construction",
        "depreciation",
        "building_labour",
        "import_price",
        "export_price",
        "opening_stock",
        "storage_loss",
        "storable",
        "re_export",
    }
)

#: Smallest and largest value of a field by its sign in `accounts.fields`.
_RANGE = {">=0": (0.0, LARGEST), ">0": (1 / LARGEST, LARGEST), "0..1": (0.0, 1.0), "bool": (0.0, 1.0)}
_ANY = (-LARGEST, LARGEST)


@dataclass(frozen=True, eq=False)
class Rescaling:
    """One entry of `scale` on positions and plan years (None: in every year, the base year included)."""

    field: Field
    cells: tuple[np.ndarray, ...]
    years: frozenset[int] | None
    entry: Scaling
    where: str

    def applies(self, t: int | None) -> bool:
        """Whether the entry changes the figures of plan year t; None: those that hold for the whole plan."""
        return self.years is None or t in self.years

    def apply(self, figures: np.ndarray) -> np.ndarray:
        """Return a copy of the figures with the cells of this entry changed.

        Raises
        ------
        SpecError
            If a changed figure is one that the field cannot have, such as a negative stock.
        """
        out = np.array(figures, dtype=float)
        old, entry = out[self.cells], self.entry
        if entry.times is not None:
            new = old * entry.times
        elif entry.plus is not None:
            new = old + entry.plus
        else:
            new = np.full_like(old, entry.to)
        low, high = _RANGE.get(self.field.sign, _ANY)
        wrong = (new < low) | (new > high) | ((self.field.sign == "bool") & (new != 0) & (new != 1))
        if wrong.any():
            raise SpecError(
                f"scale takes {self.field.name} out of its range",
                where=self.where,
                found=f"{new[wrong][0]:g}, from {old[wrong][0]:g} in the accounts",
                expected="0 or 1" if self.field.sign == "bool" else f"{low:g} to {high:g}",
                mend="choose another figure, or name fewer labels",
            )
        out[self.cells] = new
        return out


def resolve_scale(economy: Economy, calendar: Calendar, entries: list[Scaling]) -> dict[str, list[Rescaling]]:
    """Resolve `scale` against the accounts: field -> its entries in the order of the plan file.

    Raises
    ------
    SpecError
        For a datum or label that is not in the accounts, labels that the datum does not have, and years that a plan
        cannot scale it by.
    """
    out: dict[str, list[Rescaling]] = {}
    for k, entry in enumerate(entries):
        where = f"scale[{k}]"
        field = _field(economy, entry, where)
        for dim in SETS:
            if dim not in field.dims and getattr(entry, dim) != ALL:
                raise SpecError(
                    f"{field.name} has no {dim}",
                    where=f"{where}.{dim}",
                    found=clip(getattr(entry, dim)),
                    expected=f"labels of {', '.join(field.dims)}",
                    mend=f"remove {dim}",
                )
        years = _years(calendar, field, entry, where)
        cells = np.ix_(*(positions(economy, dim, getattr(entry, dim), where) for dim in field.dims))
        out.setdefault(field.name, []).append(Rescaling(field, cells, years, entry, where))
    return out


def _field(economy: Economy, entry: Scaling, where: str) -> Field:
    name = entry.datum
    if name not in BY_NAME:
        expected, mend = unknown_label(name, list(BY_NAME), "datum")
        raise SpecError(
            f"unknown datum {clip(name)}", where=f"{where}.datum", found=clip(name), expected=expected, mend=mend
        )
    if not economy.has(name) and name not in ALWAYS_THERE:
        raise SpecError(
            f"the accounts have no {name} to scale",
            where=f"{where}.datum",
            found=name,
            expected=", ".join(sorted({*economy.data, *ALWAYS_THERE})),
            mend=f"add {name}.csv to the accounts, or remove the entry",
        )
    return BY_NAME[name]


def _years(calendar: Calendar, field: Field, entry: Scaling, where: str) -> frozenset[int] | None:
    if entry.years is None:
        return None
    loss = field.name == "capital_stock"
    if not field.yearly and not loss:
        raise SpecError(
            f"{field.name} is one figure for the whole plan",
            where=f"{where}.years",
            found=clip(entry.years),
            expected="no years",
            mend="remove years; scaled by year can be " + ", ".join(f.name for f in BY_NAME.values() if f.yearly),
        )
    if loss and (entry.times is None or not 0 <= entry.times <= 1):
        raise SpecError(
            "stocks of assets change by year only by what is lost",
            where=where,
            found=f"times: {entry.times:g}" if entry.times is not None else f"{'plus' if entry.to is None else 'to'}",
            expected="times: the share that is left, 0 to 1",
            mend="write times: 0.9 for a loss of 10 %, or remove years to change the opening stock",
        )
    return frozenset(calendar.offset(year, f"{where}.years") for year in entry.years)
