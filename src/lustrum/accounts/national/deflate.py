"""Accounts brought to the prices of another year by product price indices: double deflation.

Every flow of a product is divided by the product's index, whoever uses it; output of an activity by the index of what
it makes. Value added in constant prices is what is left: output less inputs, each at its own prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from lustrum.accounts.cells import number
from lustrum.accounts.checks.report import figures_or_zero
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.accounts.tables import read_records
from lustrum.errors import TableError
from lustrum.labels import unknown
from lustrum.strict_yaml import clip

HEADER = ("product", "price")
WHY = "double deflation: value added is deflated output less deflated inputs; imports by the index of their product"


def read_prices(path: Path, products: tuple[str, ...]) -> dict[str, float]:
    """Read `product,price`: price level of the accounts' year over that of the wanted year, for every product.

    An index with the wanted year at 100 may be given as it is published when a line `base,100` says so; `all` is the
    index of all products that have no line of their own.

    Raises
    ------
    TableError
        With file, line and column.
    """
    found: dict[str, float] = {}
    first: dict[str, int] = {}
    for line, row in read_records(path, HEADER, what="price file"):
        code, cell = row["product"], row["price"]
        if code in first:
            raise TableError(
                f"{code!r} stands twice",
                where=f"{path.name}:{line}",
                found=f"first on line {first[code]}",
                mend="keep one of the two",
            )
        first[code] = line
        if code not in (*products, "all", "base"):
            raise unknown(
                TableError, f"unknown product {code!r}", code, products, "product", where=f"{path.name}:{line}:product"
            )
        value = number(cell, f"{path.name}:{line}:price")
        if value <= 0:
            raise TableError(
                "a price is not above zero",
                where=f"{path.name}:{line}:price",
                found=clip(cell),
                mend="give the index of every product, above zero",
            )
        found[code] = value
    base, rest = found.pop("base", 1.0), found.pop("all", None)
    if missing := [p for p in products if p not in found and rest is None]:
        raise TableError(
            f"prices of {len(missing)} products are missing",
            where=path.name,
            found=", ".join(missing[:5]),
            expected=f"all {len(products)} products",
            mend="add them, or a line all,INDEX",
        )
    return {p: (found[p] if p in found else float(rest or 0.0)) / base for p in products}


def _factors(prices: Mapping[str, float], products: tuple[str, ...]) -> Figures:
    missing = [p for p in products if p not in prices]
    if missing or not all(prices[p] > 0 for p in products):
        raise TableError(
            "prices must be above zero for every product",
            where="prices",
            found=", ".join(missing[:5]),
            mend="give one price for each product",
        )
    return 1 / np.array([prices[p] for p in products])


def deflate_economy(economy: Economy, prices: Mapping[str, float], label: str = "") -> Economy:
    """Deflate an economy: the same accounts, every product counted at the prices of another year.

    A product's unit becomes what one unit of money bought in the wanted year. Activities are counted at the prices of
    what they make, assets and needs at those of what they are made of; labour and resources are not touched.
    Opening debt and transfers are divided by the mean index of output. Import and export prices, where given, are
    relative to one another and stay.

    Raises
    ------
    TableError
        If a price is missing or not above zero, or there is no base output.
    """
    if not economy.has("output"):
        raise TableError(
            "the accounts have no base output", where="output.csv", mend="give the output of the base year"
        )
    d = _factors(prices, economy.codes("product"))
    x0 = economy.values("output")
    supply = figures_or_zero(economy, "supply")
    held = supply.sum(axis=0)
    made = np.divide((supply * d[:, None]).sum(axis=0), held, out=np.ones_like(held), where=held > 0)
    factor: dict[str, Figures] = {"product": d, "activity": made}
    for dim, mix in (("asset", "asset_composition"), ("need", "need_composition")):
        if economy.has(mix):
            b = figures_or_zero(economy, mix)
            factor[dim] = np.divide(d @ b, b.sum(axis=0), out=np.ones(b.shape[1]), where=b.sum(axis=0) > 0)
    mean = float((made * x0).sum() / x0.sum()) if x0.sum() > 0 else 1.0
    data = {name: _deflated(name, array, factor, mean) for name, array in economy.data.items()}
    money = _money(economy.source.money, label)
    sets = {
        dim: Labels(
            s.codes, s.names, tuple(money if u and u == economy.source.money else u for u in s.units), s.regions
        )
        for dim, s in economy.sets.items()
    }
    new = made * x0
    change = Change(
        "deflation",
        f"{len(d)} products",
        f"prices changed by factors {d.min():.4g} to {d.max():.4g}; "
        f"output by {new.sum() / x0.sum() if x0.sum() else 1:.4g}",
        float(np.abs(new - x0).sum()),
        float(x0.sum()),
        WHY,
    )
    return Economy(replace(economy.source, money=money), sets, data, (*economy.provenance, change))


#: Field -> what its figures are counted in (times the factor) and per unit of what (divided by it).
_COUNTED: dict[str, tuple[str, str]] = {
    "supply": ("product", "activity"),
    "use": ("product", "activity"),
    "output": ("activity", ""),
    "capital_coefficient": ("asset", "activity"),
    "asset_composition": ("product", "asset"),
    "investment": ("asset", ""),
    "capital_stock": ("asset", ""),
    "under_construction": ("asset", ""),
    "labour_coefficient": ("", "activity"),
    "building_labour": ("", "asset"),
    "need_composition": ("product", "need"),
    "consumption": ("need", ""),
    "committed_demand": ("product", ""),
    "imports": ("product", ""),
    "exports": ("product", ""),
    "opening_stock": ("product", ""),
    "resource_coefficient": ("", "activity"),
}


def _deflated(name: str, array: xr.DataArray, factor: Mapping[str, Figures], mean: float) -> xr.DataArray:
    if name in ("opening_debt", "transfers"):
        return array.copy(data=np.asarray(array.values) * mean)
    out = array
    counted, per = _COUNTED.get(name, ("", ""))
    for dim, power in ((counted, 1), (per, -1)):
        if dim in factor:
            along = array.dims.index(dim)
            shape = [1] * array.ndim
            shape[along] = -1
            out = out.copy(data=np.asarray(out.values) * factor[dim].reshape(shape) ** power)
    return out


def _money(money: str, label: str) -> str:
    return f"{money}, {label}" if label and money else money
