"""A sheet for every sector: its tasks (what to make), its ways (how to grow) and its means (with what).

Materials are split over suppliers in proportion: of a product, every maker and every partner serves all
users alike. Small materials are added up under one heading, so that the sheet's totals are exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning import quantities as q
from lustrum.planning.plan import Plan
from lustrum.planning.summary import Limit, every_limit

Sheet = dict[str, Any]
Series = dict[str, float | None]

#: Materials below this share of a sector's inputs in every year are added up as `other materials`.
SMALL = 0.005
#: Suppliers below this share of a material are added up as `other suppliers`.
SMALL_SUPPLIER = 0.02


class SheetMaker:
    """Makes the sheets of one plan; what all sheets share is computed once.

    Amounts carry the base year (t = 0) beside the plan years, except where the accounts cannot tell it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.e, self.d = plan, plan.economy, plan.data
        self.t = [0, *self.d.calendar.plan_years]
        self.x = {t: q.variable(plan, "output", t) for t in self.t}
        self.made = {t: q.production(plan, t) for t in self.t}
        self.imports = {t: q.variable(plan, "imports", t) for t in self.t}
        self.exports = {t: q.exports(plan, t) for t in self.t}
        self.supplied = {t: self.made[t] + self.imports[t].sum(axis=1) for t in self.t}
        self.makers = np.stack([self.d.supply(t) * self.x[t] for t in self.t], axis=-1)
        self.abroad = np.stack([self.imports[t] for t in self.t], axis=-1)
        self.whole = np.stack([self.supplied[t] for t in self.t], axis=-1)
        self.use = {t: self.d.use(t) for t in self.t}
        self.invest = {t: q.variable(plan, "investment", t) for t in self.t}
        self.capital = {t: q.variable(plan, "capital", t) for t in self.t}
        self.kappa = {t: self.d.capital_coefficient(t) for t in self.t}
        self.imported = {t: self.share(self.imports[t].sum(axis=1), self.supplied[t]) for t in self.t}
        self.reached = [(task, q.task_value(plan, task)) for task in self.d.tasks]
        self.limits: dict[str, list[Limit]] = {}
        for limit in every_limit(plan):
            for label in set(limit.labels):
                self.limits.setdefault(label, []).append(limit)

    def series(self, figures: dict[int, float]) -> Series:
        """Return figures by calendar year as text; None where there is no figure."""
        return {str(self.d.calendar.year(t)): float(v) if math.isfinite(v) else None for t, v in figures.items()}

    def share(self, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """part / whole, zero where there is nothing to share."""
        return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)

    def sheet(self, code: str) -> Sheet:
        """Return the sheet of one activity.

        Raises
        ------
        SpecError
            If there is no such activity, with the nearest spelling.
        """
        if code not in self.e.codes("activity"):
            expected, mend = unknown_label(code, self.e.codes("activity"), "activity")
            raise SpecError(f"unknown sector {code!r}", expected=expected, mend=mend)
        j = self.e.codes("activity").index(code)
        limits = [x for x in self.limits.get(code, []) if x.gain > 0][:8]
        return {
            "sector": code,
            "name": self.e.name_of("activity", code),
            "unit": self.e.unit_of("activity", code),
            "money": self.e.source.money,
            "years": [self.d.calendar.year(t) for t in self.t],
            "tasks": self._tasks(j),
            "ways": self._ways(j),
            "means": self._means(j),
            "limits": [
                {
                    "text": x.text,
                    "name": x.family,
                    "label": " / ".join(x.labels),
                    "gain": x.gain,
                    "marginal_values": {str(y): v for y, v in x.marginal_values.items() if y is not None},
                }
                for x in limits
            ],
        }

    def _tasks(self, j: int) -> Sheet:
        """What to make: output, its growth, and the capacity it stands on."""
        x = {t: float(self.x[t][j]) for t in self.t}
        growth = {t: x[t] / x[t - 1] - 1 if x[t - 1] > 0 else math.nan for t in self.t[1:]}
        capacity = {t: self._capacity(t, j) for t in self.t[1:]}
        out: Sheet = {"output": self.series(x), "growth": self.series(growth)}
        if any(math.isfinite(c) for c in capacity.values()):
            out["capacity"] = self.series(capacity)
            out["use_of_capacity"] = self.series({t: x[t] / c if c > 0 else math.nan for t, c in capacity.items()})
        out["from_the_plan_file"] = [
            {
                "task": task.name,
                "year": task.year,
                "at_least": _finite(task.lower),
                "at_most": _finite(task.upper),
                "reached": reached,
            }
            for task, reached in self.reached
            if any(self._concerns(term.of, term.where, j) for term in task.terms)
        ]
        return out

    def _concerns(self, of: str, where: tuple[np.ndarray, ...], j: int) -> bool:
        if of == "output":
            return bool((where[0] == j).any())
        if of in ("investment", "capital"):
            return bool((where[1] == j).any() and self.d.pairs[where[0], j].any())
        if of in ("production", "imports", "exports", "stock"):
            return bool((self.d.supply(1)[where[0], j] > 0).any())
        return False

    def _capacity(self, t: int, j: int) -> float:
        """Output that the scarcest asset allows: min_a k / κ; NaN where nothing is needed."""
        kappa = self.kappa[t][:, j]
        if not (kappa > 0).any():
            return math.nan
        return float((self.capital[t][:, j][kappa > 0] / kappa[kappa > 0]).min())

    def _ways(self, j: int) -> Sheet:
        """How to grow: investment by asset, the technique's share of its products, and imports of the same."""
        assets = self.e.codes("asset")
        invest = {t: self.invest[t][:, j] for t in self.t}
        out: Sheet = {
            "investment": [
                {
                    "asset": code,
                    "name": self.e.name_of("asset", code),
                    "unit": self.e.unit_of("asset", code),
                    "amount": self.series({t: v[a] for t, v in invest.items()}),
                }
                for a, code in enumerate(assets)
                if any(v[a] > 0 for v in invest.values())
            ],
            "products": [],
        }
        for i in np.flatnonzero(self.d.supply(1)[:, j] > 0):
            code = self.e.codes("product")[i]
            own = {t: float(self.d.supply(t)[i, j] * self.x[t][j]) for t in self.t}
            use = {t: self.supplied[t][i] - self.exports[t][i] for t in self.t}
            entry: Sheet = {
                "product": code,
                "name": self.e.name_of("product", code),
                "unit": self.e.unit_of("product", code),
                "share_of_making": self.series(
                    {t: own[t] / m if (m := self.made[t][i]) > 0 else math.nan for t in self.t}
                ),
            }
            if self.d.has_trade:
                m = {t: float(self.imports[t][i].sum()) for t in self.t}
                entry["imports"] = self.series(m)
                entry["import_share"] = self.series({t: m[t] / use[t] if use[t] > 0 else math.nan for t in self.t})
                entry["exports"] = self.series({t: self.exports[t][i] for t in self.t})
            out["products"].append(entry)
        return out

    def _means(self, j: int) -> Sheet:
        """With what: materials and from whom, labour, foreign exchange."""
        out: Sheet = {"materials": self._materials(j)}
        if self.d.has_labour:
            spent = {t: self.d.labour_coefficient(t)[:, j] * self.x[t][j] for t in self.t}
            out["labour"] = [
                {
                    "skill": code,
                    "name": self.e.name_of("skill", code),
                    "unit": self.e.unit_of("skill", code),
                    "amount": self.series({t: v[s] for t, v in spent.items()}),
                }
                for s, code in enumerate(self.e.codes("skill"))
            ]
        if self.d.has_trade:
            spend, earn = {}, {}
            for k, t in enumerate(self.t):
                built = self.d.asset_composition @ self.invest[t][:, j]
                needed = self.use[t][:, j] * self.x[t][j] + built
                spend[t] = float(self.d.import_price(t) @ (needed * self.imported[t]))
                mine = self.share(self.makers[:, j, k], self.made[t])
                earn[t] = float(self.d.export_price(t) @ (self.exports[t] * mine))
            out["foreign_exchange"] = {
                "spent_on_inputs": self.series(spend),
                "earned_by_exports": self.series(earn),
                "net": self.series({t: earn[t] - spend[t] for t in self.t}),
            }
        return out

    def _materials(self, j: int) -> list[Sheet]:
        """Every material with its amount and its suppliers, the largest first."""
        used = np.stack([self.use[t][:, j] * self.x[t][j] for t in self.t], axis=-1)
        size = self.share(used, np.broadcast_to(used.sum(axis=0), used.shape)).max(axis=1)
        units = {self.e.unit_of("product", c) for c in self.e.codes("product")}
        # different units cannot be added up: then every material stands for itself
        small = (size < SMALL) & (size > 0) & (len(units) == 1)
        out = []
        for i in sorted(np.flatnonzero((size > 0) & ~small).tolist(), key=lambda i: -float(size[i])):
            code = self.e.codes("product")[i]
            out.append(
                {
                    "product": code,
                    "name": self.e.name_of("product", code),
                    "unit": self.e.unit_of("product", code),
                    "amount": self.series(dict(zip(self.t, used[i], strict=True))),
                    "from": self._suppliers(i, used[i]),
                }
            )
        if small.any():
            rest = dict(zip(self.t, used[small].sum(axis=0), strict=True))
            out.append(
                {
                    "product": "",
                    "name": f"other materials ({int(small.sum())})",
                    "unit": units.pop(),
                    "amount": self.series(rest),
                    "from": [],
                }
            )
        return out

    def _suppliers(self, i: int, amount: np.ndarray) -> list[Sheet]:
        found: list[tuple[str, str, str, np.ndarray]] = []
        for dim, sources in (("activity", self.makers[i]), ("partner", self.abroad[i])):
            for k in np.flatnonzero((sources > 0).any(axis=1)):
                code = self.e.codes(dim)[k]
                part = amount * self.share(sources[k], self.whole[i])
                found.append((dim, code, self.e.name_of(dim, code), part))
        large = [f for f in found if (f[3] > SMALL_SUPPLIER * amount).any()]
        if len(found) == len(large) + 1:  # a single small one has a name
            large = found
        out = [
            {"kind": dim, "code": code, "name": name, "amount": self.series(dict(zip(self.t, part, strict=True)))}
            for dim, code, name, part in large
        ]
        if rest := [f[3] for f in found if not any(f is g for g in large)]:
            total = dict(zip(self.t, np.sum(rest, axis=0), strict=True))
            out.append(
                {"kind": "other", "code": "", "name": f"other suppliers ({len(rest)})", "amount": self.series(total)}
            )
        return out


def sector_sheet(plan: Plan, sector: str) -> Sheet:
    """Return one sector's sheet."""
    return SheetMaker(plan).sheet(sector)


def every_sheet(plan: Plan) -> dict[str, Sheet]:
    """Return all sheets by activity code."""
    maker = SheetMaker(plan)
    return {code: maker.sheet(code) for code in plan.economy.codes("activity")}


#: Columns of the long table of sheets.
COLUMNS = ("sector", "part", "item", "label", "source", "unit", "year", "value")


def sheet_rows(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    """Yield a sheet as rows of the long table; figures with all their digits."""
    unit, money = sheet["unit"], sheet["money"]
    tasks, ways, means = sheet["tasks"], sheet["ways"], sheet["means"]
    lines: list[tuple[str, str, str, str, str, Series]] = [
        ("tasks", item, "", "", unit if item in ("output", "capacity") else "share", tasks[item])
        for item in ("output", "growth", "capacity", "use_of_capacity")
        if item in tasks
    ]
    lines += [("ways", "investment", x["asset"], "", x["unit"], x["amount"]) for x in ways["investment"]]
    for x in ways["products"]:
        lines += [
            ("ways", key, x["product"], "", "share" if "share" in key else x["unit"], x[key])
            for key in ("share_of_making", "imports", "import_share", "exports")
            if key in x
        ]
    for x in means["materials"]:
        label = x["product"] or x["name"]
        lines.append(("means", "material", label, "", x["unit"], x["amount"]))
        lines += [("means", "material_from", label, s["code"] or s["name"], x["unit"], s["amount"]) for s in x["from"]]
    lines += [("means", "labour", x["skill"], "", x["unit"], x["amount"]) for x in means.get("labour", [])]
    lines += [("means", "foreign_exchange", key, "", money, v) for key, v in means.get("foreign_exchange", {}).items()]
    for part, item, label, source, of, series in lines:
        for year, value in series.items():
            if value is not None:
                yield sheet["sector"], part, item, label, source, of, year, repr(value)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
