"""Random accounts: a drawn base year in units of very different size, with fields given, left out or by year."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.reference.drawn import Drawn, draw, draw_sizes

from lustrum.accounts.economy import Economy, Labels, Source

BASE_YEAR = 2020


def _years(values: np.ndarray, drift: np.ndarray | float, first: int, last: int) -> np.ndarray:
    """Stack values · (1 + drift)^t for t = first..last on a last axis."""
    return np.stack([values * (1.0 + drift) ** t for t in range(first, last + 1)], axis=-1)


class AccountsMaker:
    """Turns one draw into labelled accounts."""

    def __init__(self, seed: int, largest: int = 40, longest: int = 6) -> None:
        self.rng = rng = np.random.default_rng(seed)
        drawn = None
        while drawn is None:
            self.n = self.sizes(largest)
            drawn = draw(rng, self.n)
        self.T = self.years(longest)
        self.lam = int(rng.random() < 0.3)
        self.data: dict[str, np.ndarray] = {}
        self.axes: dict[str, list[int]] = {}
        self.spec: dict[str, Any] = {}
        self.codes = {d: [f"{d[:3]}{k}" for k in range(size)] for d, size in self.n.items() if size}
        self._units(drawn)

    def sizes(self, largest: int) -> dict[str, int]:
        """How many of everything."""
        return draw_sizes(self.rng, largest)

    def years(self, longest: int) -> int:
        """Years of the plan: mostly few."""
        return int(min(longest, self.rng.choice([1, 2, 3, 4, 5, 6], p=[0.15, 0.25, 0.25, 0.15, 0.12, 0.08])))

    def chance(self, p: float) -> bool:
        """Throw a coin."""
        return bool(self.rng.random() < p)

    def uniform(self, low: float, high: float) -> float:
        """Draw a rounded figure, as a planner would write it."""
        return round(float(self.rng.uniform(low, high)), 4)

    def some(self, dim: str) -> list[str]:
        """Return `all` or a few codes of a set."""
        codes = self.codes.get(dim, [])
        if not codes or self.chance(0.3):
            return ["all"]
        count = int(self.rng.integers(1, min(3, len(codes)) + 1))
        return [str(c) for c in self.rng.choice(codes, size=count, replace=False)]

    def calendar(self, t: int) -> int:
        """Calendar year of a plan year."""
        return BASE_YEAR + t

    # accounts --------------------------------------------------------------------------------------

    def _units(self, d: Drawn) -> None:
        """Physical units: multiply each product, activity, asset, need and skill by its own size."""
        rng, n = self.rng, self.n
        money = 10.0 ** rng.uniform(1, 6)
        physical = rng.random() < 0.4

        def units(size: int, wide: float) -> np.ndarray:
            return np.asarray(10.0 ** rng.uniform(-wide, wide, size) if physical else np.ones(size))

        q, v, w = units(n["product"], 1.5), units(n["activity"], 1.0), units(n["asset"], 1.0)
        c, ell = units(n["need"], 1.0), units(n["skill"], 1.0)
        self.money, self.q = money, q
        self.S = d.S * q[:, None] / v[None, :]
        self.U = d.U * q[:, None] / v[None, :]
        self.x0 = d.x0 * v * money
        self.kappa = d.kappa * w[:, None] / v[None, :]
        self.P = d.P * q[:, None] / w[None, :]
        self.delta, self.used = d.delta, d.used
        self.n0, self.K0 = d.n0 * w[:, None] * money, d.K0 * w[:, None] * money
        self.labour = d.labour * ell[:, None] / v[None, :]
        self.building = d.building * ell[:, None] / w[None, :]
        self.y0, self.b = d.y0 * c[None, :] * money, d.b * q[:, None] / c[None, :]
        self.f = d.f * q * money
        self.m0, self.e0 = d.m0 * q[:, None] * money, d.e0 * q[:, None] * money
        self.price = 1.0 / q

    def give(self, name: str, values: np.ndarray, yearly: float = 0.0, drift: float = 0.0) -> None:
        """Give a field; with chance `yearly` by calendar year from the base year on, drifting."""
        if yearly and self.chance(yearly):
            last = self.T + int(self.rng.integers(0, 2))
            rates = self.rng.uniform(-drift, drift, values.shape)
            self.data[name] = _years(values, rates, 0, last)
            self.axes[name] = [self.calendar(t) for t in range(last + 1)]
        else:
            self.data[name] = values

    def accounts(self) -> Economy:
        """Assemble the economy."""
        n = self.n
        self.give("supply", self.S, 0.1, 0.01)
        self.give("use", self.U, 0.2, 0.02)
        self.has_output = self.chance(0.93)
        if self.has_output:
            self.give("output", self.x0)
        self.give("need_composition", self.b, 0.1, 0.01)
        self.give("consumption", self.y0)
        if self.chance(0.85):
            self.give("committed_demand", self.f, 0.35, 0.03)
            if "committed_demand" in self.axes and (self.lam == 0 or self.chance(0.6)):
                self.data["committed_demand"] = self.data["committed_demand"][..., 1:]
                self.axes["committed_demand"] = self.axes["committed_demand"][1:]
        if self.chance(0.4):
            self.give("population", self.rng.uniform(1, 50, n["household"]), 0.6, 0.02)
        if n["asset"]:
            self._capital()
        if n["skill"]:
            spent = self.labour @ self.x0 + self.building @ self.n0.sum(axis=1)
            self.give("labour_coefficient", self.labour, 0.25, 0.02)
            if self.chance(0.95):
                self.give("labour_supply", spent * self.uniform(1.0, 1.15), 0.25, 0.02)
            if self.building.any():
                self.give("building_labour", self.building)
        if n["partner"]:
            self._trade()
        if n["resource"]:
            rho = self.rng.uniform(0.1, 2.0, (n["resource"], n["activity"])) / self.x0.clip(1e-9 * self.x0.max())
            rho = np.where(self.x0 > 0, rho, rho.min(axis=1, keepdims=True))
            self.give("resource_coefficient", rho, 0.2, 0.02)
            if self.chance(0.7):
                self.give("resource_budget", rho @ self.x0 * self.uniform(1.0, 1.3), 0.2, 0.02)
        self._stocks()
        regions = self.codes.get("region", [])
        own = tuple(str(self.rng.choice(regions)) if regions else "" for _ in range(n["product"]))
        sets: dict[str, Labels] = {d: Labels(tuple(c)) for d, c in self.codes.items()}
        sets["product"] = Labels(tuple(self.codes["product"]), regions=own)
        self._transfers(own)
        return Economy.build(Source("random", base_year=BASE_YEAR), sets, self.data, self.axes)

    def _capital(self) -> None:
        self.give("asset_composition", self.P)
        self.give("depreciation", self.delta)
        self.give("capital_stock", self.K0)
        self.give("investment", self.n0)
        given = not self.has_output or bool((self.x0 == 0).any()) or self.chance(0.4)
        if given:
            self.give("capital_coefficient", self.kappa, 0.2, 0.01)
        if self.has_output and (not given or self.chance(0.3)):
            self.give("utilisation", self.used)
        self.gestation: dict[str, list[float]] = {}
        longest = 0
        for asset in self.codes["asset"]:
            if self.chance(0.4):
                shares = self.rng.dirichlet(np.ones(int(self.rng.integers(1, 4))))
                if self.chance(0.2):
                    shares[0] = 0.0
                    shares = shares / shares.sum() if shares.sum() > 0 else np.array([1.0])
                shares = shares[: int(np.flatnonzero(shares)[-1]) + 1]
                rounded = [round(float(v), 3) for v in shares]
                rounded[-1] = round(1.0 - sum(rounded[:-1]), 3)
                if min(rounded) >= 0 and rounded[-1] > 0:
                    self.gestation[asset] = rounded
                    longest = max(longest, len(rounded) - 1)
        if longest and self.chance(0.4):
            if self.chance(0.5):
                self.data["under_construction"] = self.n0 * self.uniform(0.8, 1.1)
            else:
                last = max(self.T, 3)
                rates = self.rng.uniform(-0.05, 0.05, self.n0.shape)
                self.data["under_construction"] = _years(self.n0, rates, 0, last)
                self.axes["under_construction"] = [self.calendar(t) for t in range(last + 1)]

    def _trade(self) -> None:
        self.give("imports", self.m0)
        if self.chance(0.9):
            self.give("exports", self.e0)
        if self.chance(0.6) or not np.allclose(self.q, 1.0):
            self.give("import_price", self.price * self.rng.uniform(0.9, 1.1, self.n["product"]), 0.2, 0.02)
        if self.chance(0.4):
            self.give("export_price", self.price * self.rng.uniform(0.8, 1.0, self.n["product"]), 0.2, 0.02)
        if self.chance(0.2):
            self.give("re_export", self.rng.random(self.n["product"]) < 0.3)

    def _stocks(self) -> None:
        n, rng = self.n["product"], self.rng
        if self.lam == 1:
            need = self.U @ self.x0 + (self.P @ self.n0.sum(axis=1) if self.n["asset"] else 0.0)
            if "committed_demand" in self.axes and BASE_YEAR in self.axes["committed_demand"]:
                need = need + self.f.clip(0)
            loss = rng.uniform(0, 0.05, n) if self.chance(0.4) else np.zeros(n)
            self.give("opening_stock", need * self.uniform(1.0, 1.3) / (1 - loss))
            if loss.any():
                self.give("storage_loss", loss)
            if self.chance(0.4):
                # a product with an opening stock is storable; others may be
                self.give("storable", (rng.random(n) < 0.7) | (self.data["opening_stock"] > 0))
        elif self.chance(0.5):
            made = self.S @ self.x0
            self.give("opening_stock", made * rng.uniform(0.02, 0.2, n) * (rng.random(n) < 0.5))
            if self.chance(0.5):
                self.give("storage_loss", rng.uniform(0, 0.1, n))
            if self.chance(0.3):
                self.give("storable", (rng.random(n) < 0.6) | (self.data["opening_stock"] > 0))
        elif self.chance(0.2):
            self.give("storable", rng.random(n) < 0.5)

    def _transfers(self, own: tuple[str, ...]) -> None:
        """Opening debt and transfers such that base trade can be paid for."""
        self.rate = self.uniform(0.0, 0.05) if self.chance(0.5) else 0.0
        regions = self.codes.get("region", [])
        if not self.n["partner"] or not regions:
            return
        ones = np.ones(self.n["product"])
        pay = self.data.get("import_price", ones)
        earn = self.data.get("export_price", pay)
        pay = pay[:, 0] if pay.ndim == 2 else pay
        earn = earn[:, 0] if earn.ndim == 2 else earn
        balance = pay * self.m0.sum(axis=1)
        if "exports" in self.data:
            balance = balance - earn * self.e0.sum(axis=1)
        here = np.array([regions.index(r) if len(regions) > 1 else 0 for r in own])
        deficit = np.array([balance[here == k].sum() for k in range(len(regions))])
        trade = np.array([(pay * self.m0.sum(axis=1))[here == k].sum() for k in range(len(regions))])
        debt = trade * self.rng.uniform(-0.2, 0.8, len(regions)) * self.chance(0.6)
        if debt.any() or self.chance(0.3):
            self.give("opening_debt", debt)
        self.give("transfers", deficit + self.rate * debt + trade * self.uniform(0.0, 0.1), 0.2, 0.01)
