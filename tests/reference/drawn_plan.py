"""Random plan files: what is switched on, the objective, tasks, and sometimes what cannot be had."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.reference.drawn_limits import LimitsMaker

from lustrum.accounts.economy import Economy
from lustrum.planning.spec import PlanSpec


class CaseMaker(LimitsMaker):
    """LimitSets accounts and a plan file for them."""

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
        discount = self.uniform(0.9, 1.0)
        if kind in ("living_standard", "least_cost"):
            part["discount"] = discount
        if self.chance(0.3):
            part["stage_tolerance"] = float(self.rng.choice([0.0, 1e-5, 1e-3]))
        if kind == "living_standard":
            part["elasticity"] = float(self.rng.choice([0.0, 0.5, 1.0, 2.0, 3.0]))
            part["segments"] = int(self.rng.choice([2, 5, 8, 12, 40], p=[0.15, 0.25, 0.3, 0.25, 0.05]))
            part["utility_floor"] = self.uniform(0.3, 1.0) if self.chance(0.7) else 1.0
            part["utility_ceiling"] = self.uniform(1.1, 3.0)
            if part["elasticity"] == 3.0 and part["utility_floor"] < 0.5:
                # a steep curve, far below anything that a plan comes to
                part |= {"elasticity": 5.0, "utility_floor": 0.1}
            if self.chance(0.3):
                part["weights"] = {str(self.rng.choice(self.codes["need"])): self.uniform(0.2, 2.0)}
        elif kind == "assortment" and self.chance(0.5):
            part["basket"] = [
                {
                    "need": self.some("need"),
                    "household": self.some("household"),
                    "amount": self.path(0.5, 1.5, dictionary=False),
                }
            ]
            if self.chance(0.3):
                part["basket"].append(
                    {
                        "need": [self.codes["need"][0]],
                        "household": ["all"],
                        "basis": "absolute",
                        "amount": self.path(0.2, 1.5, float(self.y0.max()), False),
                    }
                )
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
        kind = str(
            self.rng.choice(
                [
                    "output",
                    "production",
                    "imports",
                    "exports",
                    "stock",
                    "investment",
                    "capital",
                    "consumption",
                    "labour",
                    "resource",
                    "debt",
                ]
            )
        )
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
                size * self.y0[:, g].min()
            )
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
