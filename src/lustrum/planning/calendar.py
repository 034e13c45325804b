"""From the words of a plan file to positions: which years each part of the model covers, how a figure becomes one
number a year, and where the labels it names stand in the accounts.

Years are counted from the base year: t = 0 is the base year, 1..T the plan, T+1..H post-plan years of an
output floor. λ is the input lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import SETS
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.plan_file import LARGEST
from lustrum.planning.sections import Growing, Path_, Ramp
from lustrum.planning.spec import PlanSpec
from lustrum.strict_yaml import clip


@dataclass(frozen=True)
class Calendar:
    """Year ranges of the model.

    Attributes
    ----------
    base
        Calendar year of t = 0.
    plan
        T, the number of plan years.
    post
        N, post-plan years of an output floor (0 under other terminal rules).
    lag
        λ: 1 where inputs are needed a year before the output.
    """

    base: int
    plan: int
    post: int
    lag: int

    @classmethod
    def of(cls, spec: PlanSpec, base_year: int) -> Calendar:
        """Read the calendar off a plan file."""
        post = spec.terminal.years if spec.terminal.rule == "output_floor" else 0
        return cls(base_year, spec.horizon.years, post, spec.technology.input_lag)

    @property
    def plan_years(self) -> range:
        """t = 1..T."""
        return range(1, self.plan + 1)

    @property
    def last_output(self) -> int:
        """H = T + N: the last year with output."""
        return self.plan + self.post

    @property
    def first_balance(self) -> int:
        """First year in which products and labour must balance: 0 where it is a decision year, else 1."""
        return 1 - self.lag

    @property
    def last_balance(self) -> int:
        """T, or T + N - 1 with post-plan years."""
        return self.plan if self.post == 0 else self.last_output - 1

    @property
    def balance_years(self) -> range:
        """Years of the product balance."""
        return range(self.first_balance, self.last_balance + 1)

    @property
    def trade_years(self) -> range:
        """Years with trade, consumption and debt: balance years without year 0."""
        return range(1, self.last_balance + 1)

    @property
    def output_years(self) -> range:
        """Years with output: 1..H."""
        return range(1, self.last_output + 1)

    @property
    def stock_years(self) -> range:
        """Years at whose start asset stocks are counted: 1..max(T + 1, H)."""
        return range(1, max(self.plan + 1, self.last_output) + 1)

    @property
    def labour_years(self) -> range:
        """Years in which labour is spent: balance years, and the last year of output."""
        return range(self.first_balance, max(self.last_balance, self.last_output - self.lag) + 1)

    def year(self, t: int) -> int:
        """Return the calendar year of t."""
        return self.base + t

    def labels(self, years: range) -> list[int]:
        """Return the calendar years of a range."""
        return [self.base + t for t in years]

    def offset(self, year: int, where: str) -> int:
        """Return t of a calendar year of the plan.

        Raises
        ------
        SpecError
            If the year is not a plan year.
        """
        t = year - self.base
        if not 1 <= t <= self.plan:
            raise SpecError(
                f"{clip(year)} is not a year of this plan",
                where=where,
                found=clip(year),
                expected=f"{self.year(1)}..{self.year(self.plan)}",
                mend="change the year, or horizon.years",
            )
        return t

    def figure(self, path: Path_ | None, where: str) -> np.ndarray:
        """Return a figure's value in each plan year (index 0 is year 1); NaN where it sets none.

        Raises
        ------
        SpecError
            If it names a year outside the plan, or grows beyond what a plan can count.
        """
        out = np.full(self.plan, np.nan)
        if path is None:
            return out
        t = np.arange(1, self.plan + 1)
        if isinstance(path, Growing):
            with np.errstate(over="ignore", under="ignore"):
                out = path.start * (1 + path.growth) ** t
        elif isinstance(path, Ramp):
            out = path.begin + (path.end - path.begin) * t / self.plan
        elif isinstance(path, dict):
            for year, value in path.items():
                out[self.offset(year, f"{where}.{year}") - 1] = value
        else:
            out = np.full(self.plan, float(path))
        large = np.flatnonzero(np.abs(out) > LARGEST)  # NaN is not
        if large.size:
            first = int(large[0])
            found = f"{out[first]:g} in {self.year(first + 1)}"
            raise SpecError(
                "figure is too large for a plan",
                where=where,
                found=found,
                expected=f"at most {LARGEST:g}",
                mend="lower it, or its growth",
            )
        return out


def require_labels_of(name: str, dims: Sequence[str], entry: object, where: str) -> None:
    """Require that an entry names labels only of the sets `dims` that `name` stands on.

    Raises
    ------
    SpecError
        For the first set that it names besides.
    """
    for dim in SETS:
        if dim not in dims and getattr(entry, dim) != ["all"]:
            raise SpecError(
                f"{name} has no {dim}",
                where=f"{where}.{dim}",
                found=clip(getattr(entry, dim)),
                expected=f"labels of {', '.join(dims)}",
                mend=f"remove {dim}",
            )


def positions(economy: Economy, dim: str, codes: Sequence[str], where: str) -> np.ndarray:
    """Return the positions of `codes` on set `dim`; `all` stands for every one. `where` is the entry that names them.

    Raises
    ------
    SpecError
        If a code is not in the accounts, with the nearest spelling; or the set is empty.
    """
    known = economy.codes(dim)
    place = f"{where}.{dim}"
    if list(codes) == ["all"]:
        return np.arange(len(known))
    if not known:
        raise SpecError(
            f"the accounts have no {dim}",
            where=place,
            found=clip(list(codes)),
            mend=f"leave it out, or add the {dim} labels to the accounts",
        )
    out = []
    for code in codes:
        if code == "all" and code not in known:
            raise SpecError(
                f"`all` stands beside other {dim} codes",
                where=place,
                found=clip(list(codes)),
                mend="write `all` alone, or leave it out",
            )
        if code not in known:
            expected, mend = unknown_label(code, known, dim)
            raise SpecError(f"unknown {dim} {clip(code)}", where=place, found=clip(code), expected=expected, mend=mend)
        out.append(known.index(code))
    return np.array(out, dtype=int)
