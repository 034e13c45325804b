"""Synthetic economies of any size: a dense table, one asset, one partner, one kind of labour; a plan over T years.

The base year balances: output meets inputs, consumption, committed demand, exports and investment, less imports.
"""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.planning.spec import PlanSpec


def synthetic(sectors: int, years: int, seed: int = 1, needs: int = 8) -> tuple[Economy, PlanSpec]:
    """Return an economy of `sectors` and a plan file for it, the same for the same seed."""
    rng = np.random.default_rng(seed)
    n = sectors
    final = rng.lognormal(0.0, 1.0, n) * 100
    a = rng.gamma(0.4, 1.0, (n, n))
    a *= rng.lognormal(0.0, 0.5, (n, 1))
    a *= rng.uniform(0.3, 0.65, n)[None, :] / a.sum(axis=0)
    open_share = rng.uniform(0.02, 0.15, n)
    capital_ratio, depreciation, growth = rng.uniform(0.5, 3.0, n), rng.uniform(0.04, 0.12, n), 0.02
    goods = rng.gamma(0.5, 1.0, n) * (rng.random(n) < 0.4)
    goods /= goods.sum()
    # x = A x + final + building: investment covers wear and growth, in proportion to output, all in the same goods
    building = capital_ratio * (depreciation + growth)
    output, for_goods = _supplied(a, np.stack([final, goods], axis=1)).T
    output = output + for_goods * (building @ output) / (1 - building @ for_goods)
    parts = {"consumption": 0.62, "committed": 0.22, "exports": 0.16}
    imports = open_share * parts["exports"] / open_share.mean() * final
    exports = parts["exports"] * final + imports
    exports, imports = np.minimum(exports, 0.9 * output), imports - np.maximum(exports - 0.9 * output, 0)
    mix = np.zeros((n, needs))
    mix[np.arange(n), rng.integers(0, needs, n)] = 1.0
    consumption = (mix * (parts["consumption"] * final)[:, None]).sum(axis=0)
    mix = mix * (parts["consumption"] * final)[:, None] / np.maximum(consumption, 1e-300)
    labour = rng.uniform(0.2, 0.8, n)
    stock = capital_ratio * output / rng.uniform(0.88, 1.0, n)
    codes = {
        "product": [f"p{k}" for k in range(n)],
        "activity": [f"p{k}" for k in range(n)],
        "asset": ["plant"],
        "skill": ["labour"],
        "household": ["all"],
        "need": [f"n{k}" for k in range(needs)],
        "partner": ["world"],
    }
    data = {
        "supply": np.eye(n),
        "use": a,
        "output": output,
        "capital_coefficient": capital_ratio[None, :],
        "asset_composition": goods[:, None],
        "depreciation": depreciation[None, :],
        "investment": (capital_ratio * (depreciation + growth) * output)[None, :],
        "capital_stock": stock[None, :],
        "labour_coefficient": labour[None, :],
        "labour_supply": np.array([labour @ output * 1.01]),
        "need_composition": mix,
        "consumption": consumption[None, :],
        "committed_demand": parts["committed"] * final,
        "imports": imports[:, None],
        "exports": exports[:, None],
    }
    economy = Economy.build(
        Source("synthetic", base_year=2020), {d: Labels(tuple(c)) for d, c in codes.items()}, data, {}
    )
    spec = PlanSpec.model_validate(
        {
            "lustrum": 1,
            "horizon": {"years": years},
            "labour": {"supply_growth": 0.005},
            "technology": {"labour_productivity_growth": 0.015},
            "committed_demand": {"growth": 0.01},
            "living_standard": {"no_fall": True},
            "trade": {"import_share_band": 0.04, "export_growth": 0.015, "export_band": 0.02},
            "adjustment": {"output": {"down": 0.08, "up": 0.10}},
            "terminal": {"rule": "growth", "growth": 0.015},
            "objective": {
                "kind": "living_standard",
                "elasticity": 2,
                "utility_floor": 0.7,
                "utility_ceiling": 1.6,
                "segments": 20,
            },
        }
    )
    return economy, spec


def _supplied(a: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """(I − A)⁻¹ of demands side by side, round by round: nothing as large as A is made, and column sums of A are below
    0.65."""
    total = part = demand
    while part.max() > 1e-17 * total.max():
        part = a @ part
        total = total + part
    return np.asarray(total)
