"""Rows and variables: what a constraint of the contract is, and which variables there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.reference.reading import Reading, Terms, Var

Sense = Literal["<=", ">=", "="]
INF = float("inf")


@dataclass
class Row:
    """Σ terms (<=, >=, =) rhs, with the labels of the contract: codes, and the calendar year last."""

    family: str
    label: tuple[str | int, ...]
    terms: Terms
    sense: Sense
    rhs: float


@dataclass
class TaskRow:
    """A task in one year (or over the sum): what its row says before shortfalls are let in."""

    name: str
    year: int
    terms: Terms
    sense: Sense
    target: float
    priority: int | None
    weight: float


def variables(r: Reading) -> dict[Var, tuple[float, float]]:
    """All variables of the contract with their bounds."""
    out: dict[Var, tuple[float, float]] = {}
    for j in r.activities:
        for t in r.output_years:
            out["x", j, t] = (0.0, INF)
    for a, j in r.pairs:
        for t in range(r.B, r.Z + r.lead(a) + 1):
            out["n", a, j, t] = (0.0, INF)
        for t in r.stock_years:
            out["k", a, j, t] = (0.0, INF)
    for flow, pairs in r.flows.items():
        for i, p in pairs:
            for t in r.trade_years:
                out[flow, i, p, t] = (0.0, INF)
    for i in r.products:
        if r.storable[i]:
            for t in r.balance_years:
                out["s", i, t] = (0.0, INF)
    for h in r.households:
        for g in r.needs:
            for t in r.trade_years:
                out["y", h, g, t] = (0.0, INF)
    if r.exchanging:
        for region in r.regions:
            for t in r.trade_years:
                out["d", region, t] = (-INF, INF)
    return out


class Book:
    """The labels that rows carry."""

    def __init__(self, reading: Reading) -> None:
        self.r = reading
        codes = reading.e.codes
        self.c = {
            d: list(codes(d))
            for d in ("product", "activity", "asset", "skill", "household", "need", "partner", "resource")
        }

    def cal(self, t: int) -> int:
        """Calendar year of a label (not capped)."""
        return self.r.e.base_year + t

    def _pair(self, a: int, j: int, t: int) -> tuple[str | int, ...]:
        return (self.c["asset"][a], self.c["activity"][j], self.cal(t))

    def _eaten(self, h: int, g: int, t: int) -> tuple[str | int, ...]:
        return (self.c["household"][h], self.c["need"][g], self.cal(t))
