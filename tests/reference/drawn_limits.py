"""Random limits of a plan file: trade, stocks, investment, adjustment and the close."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.reference.drawn_accounts import AccountsMaker

from lustrum.accounts.economy import Economy


class LimitsMaker(AccountsMaker):
    """LimitSets the sections of a plan file that limit."""

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

    def _plan_trade(self) -> None:
        trade: dict[str, Any] = {
            "enabled": self.chance(0.94),
            "exchange": self.chance(0.88),
            "interest_rate": self.rate,
            "new_trade": self.chance(0.15),
        }
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
                    limits.append(
                        {
                            "flow": flow,
                            "product": [self.codes["product"][i]],
                            "partner": [self.codes["partner"][p]],
                            "basis": "absolute",
                            "at_least": self.path(0.3, 0.8, float(base[i, p])),
                        }
                    )
        trade["limits"] = limits
        if self.chance(0.25):
            made = self.S @ self.x0
            exported = self.e0.sum(axis=1) * ("exports" in self.data)
            ratio = made / (made + self.m0.sum(axis=1) - exported)
            i = int(self.rng.integers(self.n["product"]))
            share = float(np.clip(ratio[i], 0, 1)) if ratio[i] > 0 else 0.3
            trade["self_sufficiency"] = [
                {"product": [self.codes["product"][i]], "at_least": self.path(0.7, 0.98, share)}
            ]
        self.spec["trade"] = trade

    def _plan_stocks(self, economy: Economy) -> None:
        keeping = [c for c, s in zip(self.codes["product"], economy.storable_products, strict=True) if s]
        if keeping and self.chance(0.4):
            code = str(self.rng.choice(keeping))
            s0 = (
                float(self.data["opening_stock"][self.codes["product"].index(code)])
                if ("opening_stock" in self.data)
                else 0.0
            )
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
                part["ceilings"] = [
                    {**ceiling, "at_most": self.path(1.0, 3.0, float(self.n0.max())), "basis": "absolute"}
                ]
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
            part["stocks"] = [
                {"asset": self.some("asset"), "activity": self.some("activity"), "at_least": self.uniform(0.7, 1.0)}
            ]
            if self.chance(0.3):
                positive = float(self.K0[self.K0 > 0].min()) if (self.K0 > 0).any() else 0.0
                a, j = np.argwhere(self.K0 > 0)[0] if positive else (0, 0)
                part["stocks"].append(
                    {
                        "asset": [self.codes["asset"][a]],
                        "activity": [self.codes["activity"][j]],
                        "at_least": 0.9 * positive,
                        "basis": "absolute",
                    }
                )
        if rule == "output_floor":
            part["years"] = int(self.rng.integers(1, 4))
            if self.has_output and self.chance(0.7):
                part["output_floors"] = [
                    {"activity": self.some("activity"), "at_least": self.uniform(0.5, 0.95), "basis": "base"}
                ]
            else:
                j = int(self.rng.integers(self.n["activity"]))
                part["output_floors"] = [
                    {"activity": [self.codes["activity"][j]], "at_least": self.uniform(0.5, 0.9) * float(self.x0[j])}
                ]
        self.spec["terminal"] = part
