"""How the default plan of an embedded economy is judged: pace by sector, kinks, bands, close, trade, labour, limits.

`judge` measures a plan, `history` the same paces in the United States of 2015-2019, to be read beside it. The page
docs/default-plans.md and the tests of the default plans both stand on these figures.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

import lustrum as lu
from lustrum.accounts.embedded import embedded_folder
from lustrum.planning.plan import Plan
from lustrum.planning.quantities import (
    export_earnings,
    import_bill,
    index_to_base,
    labour,
    variable,
)

NAMES = ("us-2019", "us-2019-16", "uk-2019", "island")
QUANTILES = (0.1, 0.5, 0.9)
#: A pace counts as on its band within this much.
AT_BAND = 1e-5


@dataclass(frozen=True)
class Judged:
    """Figures of one plan; growth and shares as plain numbers, years in the last axis.

    Attributes
    ----------
    output, sectors, pairs
        Growth a year of output and of investment by activity and of investment by asset and activity, at the quantiles
        of `QUANTILES`; labels with nothing in the base year are left out.
    total_output, total_investment, consumption
        Growth a year of all output, all investment, and consumption per head; the mean over labels where they are
        counted in different units.
    assets
        Growth a year of investment by asset.
    stuck_outputs, stuck_pairs, stuck_weight
        Share of activities, and of (asset, activity) pairs, on their band for three years or more; the share of such
        pairs in base investment.
    bound_pairs
        Share of pairs on their band, by year.
    first_kink, last_kink
        Growth of the second year less the first, and of the last year less the one before: the larger of total output,
        investment and consumption.
    stocks, made
        Growth a year of all assets from the opening to the close, by asset; and of total output over the plan.
    deficit
        Imports less exports over exports of the base year, the base year first.
    labour, labour_fall
        Labour used over its supply, the base year first; the smallest ratio of its marginal value to that of
        the year before, of years in which it has one.
    limits
        The strongest limits in words.
    certificate
        The largest of its three figures.
    """

    output: np.ndarray
    sectors: np.ndarray
    pairs: np.ndarray
    total_output: np.ndarray
    total_investment: np.ndarray
    consumption: np.ndarray
    assets: dict[str, np.ndarray]
    stuck_outputs: float
    stuck_pairs: float
    stuck_weight: float
    bound_pairs: np.ndarray
    first_kink: float
    last_kink: float
    stocks: dict[str, float]
    made: float
    deficit: np.ndarray
    labour: np.ndarray
    labour_fall: float
    limits: tuple[str, ...]
    certificate: float


def default_plan(name: str) -> Plan:
    """The plan of an embedded economy by the plan file that comes with it."""
    spec = lu.PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
    return lu.solve(lu.load_economy(name), spec)


def growth(levels: np.ndarray) -> np.ndarray:
    """Growth a year along the last axis."""
    return np.asarray(levels[..., 1:] / levels[..., :-1] - 1)


def spread(levels: np.ndarray) -> np.ndarray:
    """Quantiles by year of the growth of each row; rows that begin with nothing are left out."""
    return np.asarray(np.quantile(growth(levels[levels[:, 0] > 0]), QUANTILES, axis=0))


def at_band(levels: np.ndarray, down: float | None, up: float | None) -> np.ndarray:
    """Where the growth of each row is at (or beyond) its band."""
    pace = growth(levels)
    return np.asarray((pace <= -(down or np.inf) + AT_BAND) | (pace >= (up or np.inf) - AT_BAND))


def judge(plan: Plan) -> Judged:
    """Measure a plan."""
    d, bands = plan.data, plan.spec.adjustment
    years = range(d.calendar.plan + 1)
    x, n = (np.stack([variable(plan, v, t) for t in years], axis=-1) for v in ("output", "investment"))
    pairs = n[n[..., 0] > 0]
    output_bound = at_band(x[x[:, 0] > 0], bands.output.down, bands.output.up)
    pair_bound = at_band(pairs, bands.investment.down, bands.investment.up)
    stuck = pair_bound.sum(axis=1) >= 3
    by_asset = n.sum(axis=1)
    totals = (
        _index(plan, "activity", x),
        _index(plan, "asset", by_asset),
        _per_head(plan),
    )
    paces = [growth(t) for t in totals]
    span = len(years) - 1
    stock = np.stack([variable(plan, "capital", t) for t in (1, span + 1)], axis=-1).sum(axis=1)
    opening = export_earnings(plan, 0).sum()
    worth = plan.marginal_values("labour").values.sum(axis=0)
    used = worth[:-1] > 1e-9
    c = plan.certificate
    assets = plan.economy.codes("asset")
    return Judged(
        spread(x),
        spread(n.sum(axis=0)),
        spread(pairs),
        *paces,
        dict(zip(assets, growth(by_asset), strict=True)),
        float((output_bound.sum(axis=1) >= 3).mean()),
        float(stuck.mean()),
        float(pairs[stuck, 0].sum() / pairs[:, 0].sum()),
        pair_bound.mean(axis=0),
        _largest([p[1] - p[0] for p in paces]),
        _largest([p[-1] - p[-2] for p in paces]),
        dict(zip(assets, ((stock[:, 1] / stock[:, 0]) ** (1 / span) - 1).tolist(), strict=True)),
        float(totals[0][-1] ** (1 / span) - 1),
        np.array([(import_bill(plan, t) - export_earnings(plan, t)).sum() / opening for t in years]),
        np.array([(labour(plan, t) / d.labour_supply(t)).max() for t in years]),
        float((worth[1:][used] / worth[:-1][used]).min()),
        tuple(limit.text for limit in lu.strongest_limits(plan, count=5)),
        float(max(c.primal_residual, c.dual_residual, abs(c.gap))),
    )


def _index(plan: Plan, dim: str, levels: np.ndarray) -> np.ndarray:
    return np.array([index_to_base(plan, dim, now, levels[:, 0]) for now in levels.T])


def _per_head(plan: Plan) -> np.ndarray:
    """Consumption of all households per head, against the base year."""
    out = []
    for t in range(plan.data.calendar.plan + 1):
        base = plan.data.base_consumption * plan.data.population_ratio(t)[:, None]
        out.append(index_to_base(plan, "need", variable(plan, "consumption", t).sum(axis=0), base.sum(axis=0)))
    return np.array(out)


def _largest(values: list[float]) -> float:
    return float(max(values, key=abs))


@dataclass(frozen=True)
class History:
    """The United States in 2015-2019, by the classification of one of the embedded economies."""

    output: np.ndarray
    sectors: np.ndarray
    pairs: np.ndarray
    stuck_outputs: float
    stuck_pairs: float


def history(name: str) -> History:
    """Quantiles of what happened, and how many ran beyond the band of that economy's plan for three years or more."""
    bands = lu.PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml").adjustment
    output, sectors = (_paces(name, "history.csv", v, ("activity",)) for v in ("output_growth", "investment_growth"))
    pairs = _paces(name, "history_assets.csv", "investment_growth", ("asset", "activity"))

    def beyond(pace: np.ndarray, down: float | None, up: float | None) -> float:
        outside = (pace <= -(down or np.inf)) | (pace >= (up or np.inf))
        return float((outside.sum(axis=1) >= 3).mean())

    return History(
        *(np.quantile(p, QUANTILES, axis=0) for p in (output, sectors, pairs)),
        beyond(output, bands.output.down, bands.output.up),
        beyond(pairs, bands.investment.down, bands.investment.up),
    )


def _paces(name: str, file: str, column: str, keys: tuple[str, ...]) -> np.ndarray:
    """Growth by label and year; labels that lack a year are left out."""
    found: dict[tuple[str, ...], list[float]] = {}
    with (embedded_folder(name) / file).open(encoding="utf-8") as text:
        for row in csv.DictReader(text):
            if row[column]:
                found.setdefault(tuple(row[k] for k in keys), []).append(float(row[column]))
    most = max(len(v) for v in found.values())
    return np.array([v for v in found.values() if len(v) == most])
