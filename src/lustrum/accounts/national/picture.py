"""Who feeds whom: the largest flows of an economy, what needs and trade take, and one sector's neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lustrum.accounts.checks.report import figures_or_zero, final_uses, in_money
from lustrum.accounts.economy import Economy
from lustrum.accounts.national.compare import output_multipliers
from lustrum.accounts.national.table import Figures, FlowTable, flows_of
from lustrum.errors import TableError
from lustrum.labels import unknown

#: Of the error that arithmetic allows a proportional split, the part that it made on the US tables of 71 industries:
#: Σ|proportional − official| / `bound`, mean of 2017, 2019, 2020, 2023 (BEA import matrices, release of 2024;
#: tests/accounts/national/test_import_split.py measures it again).
MADE_OF_ALLOWED = 0.256
#: Σ|proportional − official| / Σ official there: over all imports, and over those for intermediate use.
MEASURED, MEASURED_INTERMEDIATE = 0.33, 0.40


@dataclass(frozen=True)
class SplitError:
    """What a proportional split may miss, of all imports: `bound` by arithmetic, `estimate` by what is likely."""

    bound: float
    estimate: float
    imports: float

    def words(self) -> str:
        """Return the figures in one sentence."""
        return (
            f"a proportional import split is likely to be off by {self.estimate:.0%} of imports (weighted absolute "
            f"difference; {self.bound:.0%} at the very most); on US tables it misses the official split by "
            f"{MEASURED:.0%}, by {MEASURED_INTERMEDIATE:.0%} in intermediate use"
        )


def _cells(table: FlowTable) -> tuple[Figures, Figures]:
    """Cells that imports can serve: intermediate and final use above zero, without exports and adjustments."""
    final = np.maximum(table.final, 0.0)
    final[:, table.columns("exports", "adjustment")] = 0.0
    return np.maximum(table.use, 0.0), final


def _imports(table: FlowTable) -> Figures:
    if table.imports is None:
        raise TableError(
            "the table has no imports by product: there is nothing to split",
            where=table.source.name,
            mend="give imports by product",
        )
    return table.total_imports


def possible_error(table: FlowTable) -> SplitError:
    """Estimate what a proportional split of this table would miss, without knowing the true one.

    A product with import share s cannot be off by more than 2 (1 − s) of its imports: then they would fill the cells of
    some users and leave none to others. `bound` is the sum over products, over all imports; `estimate` is the part of
    it that the split was really off on US tables (`MADE_OF_ALLOWED`).
    """
    m = _imports(table)
    use, final = _cells(table)
    base = use.sum(axis=1) + final.sum(axis=1)
    share = np.divide(np.minimum(m, base), base, out=np.ones_like(base), where=base > 0)
    total = float(m.sum())
    bound = float((2 * np.minimum(m, base) * (1 - share)).sum()) / total if total else 0.0
    return SplitError(bound, MADE_OF_ALLOWED * bound, total)


#: Sectors in the block of shades, and flows in the list.
SHADES, FLOWS = 12, 12


def picture(economy: Economy) -> dict[str, Any]:
    """Return the document of `lustrum economy show`.

    Raises
    ------
    TableError
        Without base output.
    """
    if not economy.has("output"):
        raise TableError(
            "the accounts have no base output: nothing flows",
            where="output.csv",
            mend="give the output of the base year",
        )
    x0 = economy.values("output")
    flows = figures_or_zero(economy, "use") * x0
    made = figures_or_zero(economy, "supply") @ x0
    parts = final_uses(economy)
    imports = economy.value_or("imports", 0.0) if economy.size("partner") else np.zeros((len(made), 0))
    exports = economy.value_or("exports", 0.0) if economy.size("partner") else np.zeros((len(made), 0))
    money = in_money(economy)
    return {
        "economy": _head(economy),
        "money": money,
        "totals": {
            "output": float(made.sum()),
            "imports": float(imports.sum()),
            "intermediate_use": float(flows.sum()),
            "value_added": float(made.sum() - flows.sum()),
            **{k: float(v.sum()) for k, v in parts.items()},
        }
        if money
        else {},
        "flows": _largest(economy, flows, made + imports.sum(axis=1)),
        "block": _block(economy, flows, made),
        "needs": _needs(economy),
        "trade": _trade(economy, imports, exports, made, money),
        "import_split": _split(economy) if money and imports.sum() > 0 else {},
    }


def _head(economy: Economy) -> dict[str, Any]:
    s = economy.source
    return {
        "name": s.name,
        "title": s.title,
        "base_year": s.base_year,
        "money": s.money,
        "publisher": s.publisher,
        "products": economy.size("product"),
        "activities": economy.size("activity"),
        "changes": len(economy.provenance),
    }


def _largest(economy: Economy, flows: np.ndarray, supply: np.ndarray) -> list[dict[str, Any]]:
    """The largest flows but for own use; in physical accounts those that are most of their product's supply."""
    rank = (
        flows
        if in_money(economy)
        else np.divide(flows, supply[:, None], out=np.zeros_like(flows), where=supply[:, None] > 0)
    )
    own = np.array(economy.codes("product"))[:, None] == np.array(economy.codes("activity"))[None, :]
    rank = np.where(own, 0.0, rank)
    inputs = flows.sum(axis=0)
    out = []
    for flat in np.argsort(-rank, axis=None, kind="stable")[:FLOWS].tolist():
        i, j = (int(k) for k in np.unravel_index(flat, flows.shape))
        if rank[i, j] <= 0:
            break
        product, activity = economy.codes("product")[i], economy.codes("activity")[j]
        out.append(
            {
                "from": product,
                "from_name": economy.name_of("product", product),
                "to": activity,
                "to_name": economy.name_of("activity", activity),
                "value": float(flows[i, j]),
                "unit": economy.unit_of("product", product),
                "share_of_supply": _share(flows[i, j], supply[i]),
                "share_of_inputs": _share(flows[i, j], inputs[j]) if in_money(economy) else None,
            }
        )
    return out


def _block(economy: Economy, flows: np.ndarray, made: np.ndarray) -> dict[str, Any]:
    """Flows among the largest sectors, the others together at the end: products by activities."""
    x0 = economy.values("output")
    rows = sorted(np.argsort(-made, kind="stable")[:SHADES].tolist())
    columns = sorted(np.argsort(-x0, kind="stable")[:SHADES].tolist())
    if economy.codes("product") == economy.codes("activity"):
        columns = rows
    labels = []
    figures = []
    rest_rows = [i for i in range(len(made)) if i not in rows]
    rest_columns = [j for j in range(len(x0)) if j not in columns]
    for dim, at, rest in (("product", rows, rest_rows), ("activity", columns, rest_columns)):
        codes = [economy.codes(dim)[k] for k in at]
        labels.append(
            [{"code": c, "name": economy.name_of(dim, c)} for c in codes]
            + ([{"code": "", "name": f"{len(rest)} others"}] if rest else [])
        )
    for group in [[i] for i in rows] + ([rest_rows] if rest_rows else []):
        line = [float(flows[np.ix_(group, [j])].sum()) for j in columns]
        figures.append(line + ([float(flows[np.ix_(group, rest_columns)].sum())] if rest_columns else []))
    return {"rows": labels[0], "columns": labels[1], "values": figures}


def _needs(economy: Economy) -> list[dict[str, Any]]:
    if not economy.has("need_composition", "consumption"):
        return []
    spent, mix = economy.values("consumption").sum(axis=0), figures_or_zero(economy, "need_composition")
    out = []
    for g, code in enumerate(economy.codes("need")):
        main = int(np.argmax(mix[:, g]))
        product = economy.codes("product")[main]
        total = float(mix[:, g].sum())
        out.append(
            {
                "need": code,
                "name": economy.name_of("need", code),
                "value": float(spent[g]),
                "unit": economy.unit_of("need", code),
                "main_product": product,
                "main_name": economy.name_of("product", product),
                "main_share": _share(mix[main, g], total),
            }
        )
    return sorted(out, key=lambda n: -n["value"])


def _trade(economy: Economy, imports: np.ndarray, exports: np.ndarray, made: np.ndarray, money: bool) -> dict[str, Any]:
    if not economy.size("partner"):
        return {}
    products = []
    bought, sold = imports.sum(axis=1), exports.sum(axis=1)
    at_home = made + bought - sold
    rank = bought + sold if money else _shares(bought, at_home) + _shares(sold, made)
    for i in np.argsort(-rank, kind="stable")[:8].tolist():
        if rank[i] <= 0:
            break
        code = economy.codes("product")[i]
        products.append(
            {
                "product": code,
                "name": economy.name_of("product", code),
                "imports": float(bought[i]),
                "exports": float(sold[i]),
                "import_share": _share(bought[i], at_home[i]),
                "unit": economy.unit_of("product", code),
            }
        )
    partners = [
        {
            "partner": p,
            "name": economy.name_of("partner", p),
            "imports": float(imports[:, k].sum()),
            "exports": float(exports[:, k].sum()),
        }
        for k, p in enumerate(economy.codes("partner"))
    ]
    return {"products": products, "partners": partners if money else []}


def _split(economy: Economy) -> dict[str, Any]:
    """How far off it may be to say that every user of a product imports the same share of it."""
    error = possible_error(flows_of(economy))
    return {"likely": error.estimate, "at_most": error.bound, "words": error.words()}


def sector(economy: Economy, code: str) -> dict[str, Any]:
    """Return the document of `lustrum economy show --sector`: suppliers, customers, and what it makes per unit.

    A code of both sets is the product and the activity of that name.

    Raises
    ------
    TableError
        If the code is neither product nor activity, or there is no base output.
    """
    if code not in economy.codes("product") and code not in economy.codes("activity"):
        raise unknown(
            TableError,
            f"no sector {code!r}",
            code,
            list(dict.fromkeys((*economy.codes("activity"), *economy.codes("product")))),
            "sector",
            where="--sector",
        )
    if not economy.has("output"):
        raise TableError(
            "the accounts have no base output: nothing flows",
            where="output.csv",
            mend="give the output of the base year",
        )
    dim = "activity" if code in economy.codes("activity") else "product"
    out: dict[str, Any] = {
        "economy": _head(economy),
        "sector": code,
        "name": economy.name_of(dim, code),
        "unit": economy.unit_of(dim, code),
    }
    x0 = economy.values("output")
    flows = figures_or_zero(economy, "use") * x0
    if code in economy.codes("activity"):
        j = economy.codes("activity").index(code)
        out |= {"output": float(x0[j]), "suppliers": _ranked(economy, "product", flows[:, j]), **_means(economy, j)}
    if code in economy.codes("product"):
        out |= _customers(economy, economy.codes("product").index(code), flows)
    return out


def _means(economy: Economy, j: int) -> dict[str, Any]:
    x = float(economy.values("output")[j])
    out: dict[str, Any] = {"makes": _ranked(economy, "product", figures_or_zero(economy, "supply")[:, j] * x)}
    if economy.has("labour_coefficient"):
        out["labour"] = _ranked(economy, "skill", figures_or_zero(economy, "labour_coefficient")[:, j] * x)
    if economy.has("capital_stock"):
        out["capital"] = _ranked(economy, "asset", economy.values("capital_stock")[:, j])
    return out


def _customers(economy: Economy, i: int, flows: np.ndarray) -> dict[str, Any]:
    made = float((figures_or_zero(economy, "supply") @ economy.values("output"))[i])
    final = [{"use": name, "value": float(column[i])} for name, column in final_uses(economy).items()]
    out: dict[str, Any] = {"supply": made, "customers": _ranked(economy, "activity", flows[i]), "final_uses": final}
    out["needs"] = []
    if economy.has("need_composition", "consumption"):
        served = figures_or_zero(economy, "need_composition")[i] * economy.values("consumption").sum(axis=0)
        out["needs"] = _ranked(economy, "need", served)
    if economy.size("partner"):
        bought, sold = (float(economy.value_or(n, 0.0)[i].sum()) for n in ("imports", "exports"))
        out |= {"imports": bought, "exports": sold, "import_share": _share(bought, made + bought - sold)}
    found = output_multipliers(economy)
    if found and economy.codes("product")[i] in found[0]:
        out["multiplier"] = float(found[1][found[0].index(economy.codes("product")[i])])
    return out


def _ranked(economy: Economy, dim: str, values: np.ndarray) -> list[dict[str, Any]]:
    """All entries that are not zero, largest first, with their share of the sum."""
    units = {economy.unit_of(dim, c) for c, v in zip(economy.codes(dim), values, strict=True) if v}
    total = float(np.abs(values).sum()) if len(units) == 1 else 0.0  # tonnes and houses have no sum
    order = np.argsort(-np.abs(values), kind="stable").tolist()
    return [
        {
            dim: economy.codes(dim)[k],
            "name": economy.name_of(dim, economy.codes(dim)[k]),
            "value": float(values[k]),
            "unit": economy.unit_of(dim, economy.codes(dim)[k]),
            "share": _share(values[k], total) if total else None,
        }
        for k in order
        if values[k] != 0
    ]


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=float), where=whole > 0)
