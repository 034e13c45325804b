"""Random economies with plans for them: every field and constraint family switched on and off at random.

Accounts are made so that the base year balances and, mostly, can be repeated: x0 solves the supply-use
balance of the final demand drawn, stocks are what the outputs need, labour is what is spent. Everything is drawn in
value first and then turned into the units of each product, asset, need and skill, of very different size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.planning.spec import PlanSpec

BASE_YEAR = 2020
Case = tuple[Economy, PlanSpec]


@dataclass
class Drawn:
    """The base year of a random economy in value terms, before units."""

    S: np.ndarray
    U: np.ndarray
    x0: np.ndarray
    kappa: np.ndarray
    P: np.ndarray
    delta: np.ndarray
    n0: np.ndarray
    K0: np.ndarray
    used: np.ndarray
    labour: np.ndarray
    building: np.ndarray
    y0: np.ndarray
    b: np.ndarray
    f: np.ndarray
    m0: np.ndarray
    e0: np.ndarray


def _spread(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Columns of shares that sum to one, some cells zero."""
    cells = rng.random((rows, columns)) * (rng.random((rows, columns)) < max(0.4, 3 / rows))
    cells[rng.integers(rows, size=columns), np.arange(columns)] += 0.3
    return np.asarray(cells / cells.sum(axis=0))


def _draw(rng: np.random.Generator, sizes: dict[str, int]) -> Drawn | None:
    """One draw; None where the balance has no positive outputs."""
    n, nj = sizes["product"], sizes["activity"]
    na, ns, nh, ng, npart = (sizes[d] for d in ("asset", "skill", "household", "need", "partner"))
    main = np.concatenate([np.arange(n), rng.integers(n, size=nj - n)])
    S = np.zeros((n, nj))
    S[main, np.arange(nj)] = 1.0
    if rng.random() < 0.25:
        for j in range(nj):
            if rng.random() < 0.3:
                S[rng.integers(n), j] += rng.uniform(0.02, 0.15)
    U = _spread(rng, n, nj) * rng.uniform(0.15, 0.5, nj)
    if rng.random() < 0.2:
        U[:, rng.integers(nj)] = 0.0
    kappa = rng.uniform(0.2, 1.4, (na, nj)) * (rng.random((na, nj)) < 0.75) / max(1, na)
    P = _spread(rng, n, na) if na else np.zeros((n, 0))
    delta = rng.uniform(0.02, 0.15, (na, nj))
    used = rng.uniform(0.8, 1.0, nj) if rng.random() < 0.5 else np.ones(nj)
    growth = rng.uniform(0.0, 0.04)
    per_output = (delta + growth) * kappa / used
    b = _spread(rng, n, ng)
    y0 = rng.uniform(0.2, 1.0, (nh, ng))
    if nh * ng > 2 and rng.random() < 0.3:
        y0[rng.integers(nh), rng.integers(ng)] = 0.0
    f = rng.uniform(0.0, 0.15, n) * (rng.random(n) < 0.7)
    if rng.random() < 0.25:
        f[rng.integers(n)] = -0.01
    f_scale = y0.sum() / n
    final = b @ y0.sum(axis=0) + f * f_scale
    share = rng.uniform(0.05, 0.5, n) * (rng.random(n) < 0.6) if npart else np.zeros(n)
    e = rng.uniform(0.05, 0.6, n) * (rng.random(n) < 0.6) * f_scale if npart else np.zeros(n)
    extra = rng.uniform(0.02, 0.1, nj - n) * f_scale * (rng.random(nj - n) < 0.6)
    x0 = np.zeros(nj)
    x0[n:] = extra
    keep = (1 - share)[:, None]
    inside = U + P @ per_output
    # S x = (1 - share) (inside x + final) + e
    left = S[:, :n] - keep * inside[:, :n]
    right = (1 - share) * final + e - (S[:, n:] - keep * inside[:, n:]) @ extra
    try:
        x0[:n] = np.linalg.solve(left, right)
    except np.linalg.LinAlgError:
        return None
    if x0[:n].min() < 0.02 * f_scale:
        return None
    m = share * (inside @ x0 + final)
    parts = rng.dirichlet(np.ones(npart), n) if npart else np.zeros((n, 0))
    parts_e = rng.dirichlet(np.ones(npart), n) if npart else np.zeros((n, 0))
    labour = rng.uniform(0.1, 0.6, (ns, nj)) * (rng.random((ns, nj)) < 0.8)
    building = rng.uniform(0.02, 0.2, (ns, na)) * (rng.random() < 0.5)
    return Drawn(S, U, x0, kappa, P, delta, per_output * x0, kappa * x0 / used, used, labour, building,
                 y0, b, f * f_scale, m[:, None] * parts, e[:, None] * parts_e)  # fmt: skip


def _sizes(rng: np.random.Generator, largest: int) -> dict[str, int]:
    band = rng.choice(3, p=[0.62, 0.3, 0.08])
    n = int(min(largest, rng.integers(*[(3, 7), (7, 14), (14, 41)][band])))
    return {
        "product": n,
        "activity": n + (int(rng.integers(1, max(2, n // 2 + 1))) if rng.random() < 0.4 else 0),
        "asset": int(rng.choice([0, 1, 2, 3], p=[0.1, 0.4, 0.3, 0.2])),
        "skill": int(rng.choice([0, 1, 2], p=[0.12, 0.5, 0.38])),
        "household": int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15])),
        "need": int(rng.integers(1, 6)),
        "partner": int(rng.choice([0, 1, 2, 3], p=[0.2, 0.45, 0.2, 0.15])),
        "resource": int(rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2])),
        "region": int(rng.choice([0, 1, 2], p=[0.2, 0.4, 0.4])),
    }


def _years(values: np.ndarray, drift: np.ndarray | float, first: int, last: int) -> np.ndarray:
    """Stack values · (1 + drift)^t for t = first..last on a last axis."""
    return np.stack([values * (1.0 + drift) ** t for t in range(first, last + 1)], axis=-1)


class CaseMaker:
    """Turns one draw into labelled accounts and a plan file."""

    def __init__(self, seed: int, largest: int = 40, longest: int = 6) -> None:
        self.rng = rng = np.random.default_rng(seed)
        drawn = None
        while drawn is None:
            self.n = _sizes(rng, largest)
            drawn = _draw(rng, self.n)
        self.T = int(min(longest, rng.choice([1, 2, 3, 4, 5, 6], p=[0.15, 0.25, 0.25, 0.15, 0.12, 0.08])))
        self.lam = int(rng.random() < 0.3)
        self.data: dict[str, np.ndarray] = {}
        self.axes: dict[str, list[int]] = {}
        self.spec: dict[str, Any] = {}
        self.codes = {d: [f"{d[:3]}{k}" for k in range(size)] for d, size in self.n.items() if size}
        self._units(drawn)

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

    # plan file -------------------------------------------------------------------------------------

    def path(self, low: float, high: float, scale: float = 1.0, dictionary: bool = True) -> Any:
        """Draw a figure: a number, some years, a growing value or a ramp."""
        kind = self.rng.choice(4, p=[0.55, 0.15, 0.15, 0.15])
        first, second = scale * self.uniform(low, high), scale * self.uniform(low, high)
        if kind == 1 and dictionary:
            years = [t for t in range(1, self.T + 1) if self.chance(0.7)] or [self.T]
            return {self.calendar(t): scale * self.uniform(low, high) for t in years}
        if kind == 2:
            return {"start": first, "growth": self.uniform(-0.02, 0.02)}
        if kind == 3:
            return {"from": first, "to": second}
        return first

    def plan(self, economy: Economy) -> PlanSpec:
        """Assemble the plan file."""
        spec, n = self.spec, self.n
        spec["horizon"] = {"years": self.T}
        spec["technology"] = {"input_lag": self.lam}
        if n["asset"] and self.gestation:
            spec["technology"]["gestation"] = self.gestation
        if self.chance(0.4):
            spec["technology"]["labour_productivity_growth"] = self.uniform(-0.005, 0.03)
        if self.chance(0.4):
            spec["population"] = {"growth": self.uniform(-0.01, 0.02)}
        if self.chance(0.4):
            spec["committed_demand"] = {"growth": self.uniform(-0.02, 0.02)}
        spec["labour"] = {"enforce": self.chance(0.9), "supply_growth": self.uniform(0.0, 0.02)}
        spec["capacity"] = {"enforce": self.chance(0.93)}
        floors = []
        for _ in range(int(self.rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2]))):
            floor = {"need": self.some("need"), "household": self.some("household"), "at_least": self.path(0.4, 0.9)}
            if self.chance(0.3):
                floor |= {"basis": "absolute", "at_least": self.path(0.3, 0.9, float(self.y0.min()))}
            floors.append(floor)
        spec["living_standard"] = {"floors": floors, "no_fall": self.chance(0.12)}
        if n["partner"]:
            self._plan_trade()
        self._plan_stocks(economy)
        if n["asset"]:
            self._plan_investment()
        if n["resource"] and self.chance(0.5):
            budget = {"resource": self.some("resource")}
            if "resource_budget" in self.data:
                spec["resources"] = [{**budget, "at_most": self.path(0.95, 1.3), "basis": "base"}]
            else:
                spec["resources"] = [{**budget, "at_most": self.path(1.0, 1.3, 2.0 * n["activity"])}]
        self._plan_adjustment()
        self._plan_terminal()
        self._plan_objective()
        self._plan_tasks()
        if self.chance(0.05):
            self._break(economy)
        return PlanSpec.model_validate(spec)

    def _plan_trade(self) -> None:
        trade: dict[str, Any] = {"enabled": self.chance(0.94), "exchange": self.chance(0.88),
                                 "interest_rate": self.rate, "new_trade": self.chance(0.15)}  # fmt: skip
        if self.chance(0.4) and trade["enabled"]:
            trade["import_share_band"] = self.uniform(0.02, 0.3)
        if self.chance(0.4) and trade["enabled"]:
            trade |= {"export_band": self.uniform(0.02, 0.3), "export_growth": self.uniform(-0.01, 0.02)}
        if self.chance(0.3):
            trade["debt_ceiling"] = self.path(0.1, 0.5, self.money)
        if self.chance(0.3):
            trade["final_debt_ceiling"] = self.uniform(0.0, 0.4) * self.money
        limits = []
        if trade["enabled"]:
            for flow in ("imports", "exports"):
                limit: dict[str, Any] = {"flow": flow, "product": self.some("product"), "partner": self.some("partner")}
                base = self.m0 if flow == "imports" else self.e0 * ("exports" in self.data)
                if self.chance(0.35):
                    if self.chance(0.5):
                        limits.append({**limit, "at_most": self.path(1.0, 1.4)})
                    else:
                        limits.append({**limit, "at_most": self.path(1.0, 1.4, float(base.max())), "basis": "absolute"})
                if self.chance(0.2) and base.any():
                    limits.append({**limit, "at_least": self.path(0.3, 0.8)})
                if self.chance(0.1) and base.any():
                    i, p = np.argwhere(base > 0)[0]
                    limits.append({"flow": flow, "product": [self.codes["product"][i]],
                                   "partner": [self.codes["partner"][p]], "basis": "absolute",
                                   "at_least": self.path(0.3, 0.8, float(base[i, p]))})  # fmt: skip
        trade["limits"] = limits
        if self.chance(0.25):
            made = self.S @ self.x0
            exported = self.e0.sum(axis=1) * ("exports" in self.data)
            ratio = made / (made + self.m0.sum(axis=1) - exported)
            i = int(self.rng.integers(self.n["product"]))
            share = float(np.clip(ratio[i], 0, 1)) if ratio[i] > 0 else 0.3
            trade["self_sufficiency"] = [{"product": [self.codes["product"][i]],
                                          "at_least": self.path(0.7, 0.98, share)}]  # fmt: skip
        self.spec["trade"] = trade

    def _plan_stocks(self, economy: Economy) -> None:
        keeping = [c for c, s in zip(self.codes["product"], economy.storable_products, strict=True) if s]
        if keeping and self.chance(0.4):
            code = str(self.rng.choice(keeping))
            s0 = float(self.data["opening_stock"][self.codes["product"].index(code)]) if (
                "opening_stock" in self.data) else 0.0  # fmt: skip
            low, high = (0.02, 0.2) if self.lam else (0.3, 0.9)
            if s0 > 0 and self.chance(0.6):
                rule = {"product": [code], "at_least": self.path(low, high), "basis": "base"}
            else:
                made = float((self.S @ self.x0)[self.codes["product"].index(code)])
                rule = {"product": [code], "at_least": self.path(0.001, 0.01, made)}
            self.spec["reserves"] = [rule]

    def _plan_investment(self) -> None:
        part: dict[str, Any] = {}
        if self.chance(0.35):
            part["stock_growth_cap"] = self.uniform(0.03, 0.2)
        if self.chance(0.3):
            ceiling = {"asset": self.some("asset"), "activity": self.some("activity")}
            if self.chance(0.7):
                part["ceilings"] = [{**ceiling, "at_most": self.path(1.3, 3.0)}]
            else:
                part["ceilings"] = [{**ceiling, "at_most": self.path(1.0, 3.0, float(self.n0.max())),
                                     "basis": "absolute"}]  # fmt: skip
        self.spec["investment"] = part

    def _plan_adjustment(self) -> None:
        out: dict[str, Any] = {}
        for part, base in (("output", self.x0), ("investment", self.n0)):
            if not base.size or self.chance(0.45):
                continue
            band: dict[str, Any] = {}
            wide = 1.0 if part == "output" else 3.0
            if self.chance(0.8):
                band["down"] = self.uniform(0.02 * wide, 0.25 * wide)
            if self.chance(0.8):
                band["up"] = self.uniform(0.02 * wide, 0.25 * wide)
            if self.chance(0.4):
                band["step"] = self.uniform(0.01, 0.2) * float(base.max())
            if self.chance(0.25):
                band["exempt"] = [c for c in self.some("activity") if c != "all"]
            out[part] = band
        self.spec["adjustment"] = out

    def _plan_terminal(self) -> None:
        rules = ["growth", "stocks", "output_floor", "none"]
        rule = str(self.rng.choice(rules, p=[0.35, 0.2, 0.25, 0.2]))
        part: dict[str, Any] = {"rule": rule}
        if self.chance(0.6):
            part["growth"] = self.uniform(0.0, 0.02)
        part["product_stocks"] = self.chance(0.15 if self.lam else 0.6)
        if rule == "stocks" and self.n["asset"]:
            part["stocks"] = [{"asset": self.some("asset"), "activity": self.some("activity"),
                               "at_least": self.uniform(0.7, 1.0)}]  # fmt: skip
            if self.chance(0.3):
                positive = float(self.K0[self.K0 > 0].min()) if (self.K0 > 0).any() else 0.0
                a, j = np.argwhere(self.K0 > 0)[0] if positive else (0, 0)
                part["stocks"].append({"asset": [self.codes["asset"][a]], "activity": [self.codes["activity"][j]],
                                       "at_least": 0.9 * positive, "basis": "absolute"})  # fmt: skip
        if rule == "output_floor":
            part["years"] = int(self.rng.integers(1, 4))
            if self.has_output and self.chance(0.7):
                part["output_floors"] = [{"activity": self.some("activity"), "at_least": self.uniform(0.5, 0.95),
                                          "basis": "base"}]  # fmt: skip
            else:
                j = int(self.rng.integers(self.n["activity"]))
                part["output_floors"] = [{"activity": [self.codes["activity"][j]],
                                          "at_least": self.uniform(0.5, 0.9) * float(self.x0[j])}]  # fmt: skip
        self.spec["terminal"] = part

    def _plan_objective(self) -> None:
        kinds = ["living_standard", "assortment", "terminal_capacity", "output", "employment", "least_cost"]
        if not self.n["asset"]:
            kinds.remove("terminal_capacity")
        if not self.n["skill"]:
            kinds.remove("employment")
        weights = np.array([0.4 if k == "living_standard" else 0.12 for k in kinds])
        kind = str(self.rng.choice(kinds, p=weights / weights.sum()))
        part: dict[str, Any] = {"kind": kind, "people_first": self.chance(0.25)}
        part["tie_break"] = self.has_output and self.chance(0.2)
        part["discount"] = self.uniform(0.9, 1.0)
        if self.chance(0.3):
            part["stage_tolerance"] = float(self.rng.choice([0.0, 1e-5, 1e-3]))
        if kind == "living_standard":
            part["elasticity"] = float(self.rng.choice([0.0, 0.5, 1.0, 2.0, 3.0]))
            part["segments"] = int(self.rng.choice([2, 5, 8, 12, 40], p=[0.15, 0.25, 0.3, 0.25, 0.05]))
            part["utility_floor"] = self.uniform(0.3, 1.0) if self.chance(0.7) else 1.0
            part["utility_ceiling"] = self.uniform(1.1, 3.0)
            if self.chance(0.3):
                part["weights"] = {str(self.rng.choice(self.codes["need"])): self.uniform(0.2, 2.0)}
        elif kind == "assortment" and self.chance(0.5):
            part["basket"] = [{"need": self.some("need"), "household": self.some("household"),
                               "amount": self.path(0.5, 1.5, dictionary=False)}]  # fmt: skip
            if self.chance(0.3):
                part["basket"].append({"need": [self.codes["need"][0]], "household": ["all"], "basis": "absolute",
                                       "amount": self.path(0.2, 1.5, float(self.y0.max()), False)})  # fmt: skip
        elif kind == "terminal_capacity" and self.chance(0.4):
            part["year"] = self.calendar(int(self.rng.integers(1, self.T + 2)))
        elif kind == "output" and self.chance(0.4):
            part["years"] = sorted({self.calendar(int(self.rng.integers(1, self.T + 1))) for _ in range(2)})
        if kind in ("output", "terminal_capacity") and self.chance(0.5):
            part["weights"] = {c: self.uniform(0.0, 2.0) for c in self.codes["activity"][:2]}
        if kind == "least_cost":
            part["costs"] = self._costs()
            # something must be wanted for a least cost to be interesting
            self.spec["living_standard"]["floors"].append({"at_least": self.uniform(0.6, 0.9)})
        self.spec["objective"] = part

    def _costs(self) -> list[dict[str, Any]]:
        offered = ["output", "production", "consumption"]
        offered += ["investment", "capital"] if self.n["asset"] else []
        offered += ["labour"] if self.n["skill"] else []
        offered += ["imports"] if self.n["partner"] and self.spec["trade"]["enabled"] else []
        offered += ["stock"] if self.data.get("opening_stock", np.zeros(1)).any() else []
        offered += ["resource"] if self.n["resource"] else []
        costs = []
        for kind in self.rng.choice(offered, size=int(self.rng.integers(1, 3)), replace=False):
            cost = {"of": str(kind), "factor": self.path(0.5, 2.0, dictionary=False)}
            if self.chance(0.3):
                cost["years"] = [self.calendar(int(self.rng.integers(1, self.T + 1)))]
            costs.append(cost)
        return costs

    def _term(self) -> tuple[dict[str, Any], float] | None:
        """A term of a task and the size of it in the base year."""
        n = self.n
        kind = str(self.rng.choice(["output", "production", "imports", "exports", "stock", "investment", "capital",
                                    "consumption", "labour", "resource", "debt"]))  # fmt: skip
        factor = self.path(0.5, 2.0, dictionary=False) if self.chance(0.3) else self.uniform(0.5, 2.0)
        size = factor if isinstance(factor, float) else factor.get("start", factor.get("from"))
        i, j = int(self.rng.integers(n["product"])), int(self.rng.integers(n["activity"]))
        product, activity = [self.codes["product"][i]], [self.codes["activity"][j]]
        if kind == "output":
            return {"of": kind, "activity": activity, "factor": factor}, size * self.x0[j]
        if kind == "production":
            return {"of": kind, "product": product, "factor": factor}, size * (self.S @ self.x0)[i]
        trade = self.spec.get("trade", {"enabled": False})
        if kind in ("imports", "exports") and kind in self.data and trade["enabled"]:
            return {"of": kind, "product": product, "factor": factor}, size * self.data[kind][i].sum()
        if kind == "stock" and not self.lam and self.data.get("opening_stock", np.zeros(1)).any():
            return {"of": kind, "product": product, "factor": factor}, size * self.data["opening_stock"][i]
        if kind in ("investment", "capital") and n["asset"]:
            base = self.n0 if kind == "investment" else self.K0
            return {"of": kind, "activity": activity, "factor": factor}, size * base[:, j].sum()
        if kind == "consumption":
            g = int(self.rng.integers(n["need"]))
            need = [self.codes["need"][g]]
            return {"of": kind, "need": need, "household": self.some("household"), "factor": factor}, (
                size * self.y0[:, g].min())  # fmt: skip
        if kind == "labour" and n["skill"]:
            base = self.labour @ self.x0 + self.building @ self.n0.sum(axis=1)
            return {"of": kind, "skill": [self.codes["skill"][0]], "factor": factor}, size * base[0]
        if kind == "resource" and n["resource"]:
            rho = self.data["resource_coefficient"]
            rho = rho[..., 0] if rho.ndim == 3 else rho
            return {"of": kind, "resource": [self.codes["resource"][0]], "factor": factor}, size * (rho @ self.x0)[0]
        if kind == "debt" and "opening_debt" in self.data and trade["enabled"] and trade["exchange"]:
            return {"of": kind, "factor": factor}, size * abs(self.data["opening_debt"].sum())
        return None

    def _plan_tasks(self) -> None:
        tasks: list[dict[str, Any]] = []
        for k in range(int(self.rng.choice([0, 1, 2, 3, 4], p=[0.4, 0.2, 0.2, 0.1, 0.1]))):
            drawn = [t for t in (self._term() for _ in range(int(self.rng.integers(1, 3)))) if t is not None]
            total = float(sum(size for _, size in drawn))
            if not drawn or total <= 0:
                continue
            task: dict[str, Any] = {"name": f"task {k}", "terms": [t for t, _ in drawn]}
            years = self.T
            if self.chance(0.4):
                named = sorted({self.calendar(int(self.rng.integers(1, self.T + 1))) for _ in range(2)})
                task["years"], years = named, len(named)
            elastic = self.chance(0.65)
            side = str(self.rng.choice(["at_least", "at_most", "equals"], p=[0.6, 0.25, 0.15]))
            low, high = {"at_least": (0.6, 0.95), "at_most": (1.05, 1.4), "equals": (0.9, 1.0)}[side]
            if elastic:
                low, high = {"at_least": (0.9, 1.6), "at_most": (0.5, 1.1), "equals": (0.7, 1.4)}[side]
                task["elastic"] = {"priority": int(self.rng.integers(1, 3)), "weight": self.uniform(0.3, 3.0)}
            if self.chance(0.3):
                task["over"] = "sum"
                task[side] = self.uniform(low, high) * total * years
            else:
                task[side] = self.path(low, high, total, dictionary=False)
            tasks.append(task)
        self.spec["tasks"] = tasks

    def _break(self, economy: Economy) -> None:
        """Ask for what cannot be had."""
        if self.chance(0.6):
            self.spec["living_standard"]["floors"].append({"at_least": 6.0})
        else:
            task = {"name": "too much", "terms": [{"of": "output"}], "at_least": 40 * float(self.x0.sum())}
            self.spec["tasks"].append(task)


def random_case(seed: int, largest: int = 40, longest: int = 6) -> Case:
    """Return a random economy and a plan for it, the same for the same seed."""
    maker = CaseMaker(seed, largest, longest)
    economy = maker.accounts()
    return economy, maker.plan(economy)


def economies(largest: int = 6, longest: int = 3) -> st.SearchStrategy[Case]:
    """Small random cases for hypothesis."""
    return st.integers(0, 10**6).map(lambda seed: random_case(seed, largest, longest))
