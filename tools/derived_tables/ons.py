"""Reader of the supply and use tables of the UK's Office for National Statistics (Blue Book), a folder of parquet.

104 products and industries in million pounds: supply at basic prices with what stands between it and purchasers' prices
(margins, taxes less subsidies on products), use at purchasers' prices, value added, consumption by purpose (COICOP),
and fixed capital formation by product and industry. Imports and exports of goods are those with the EU and the
rest of the world; services are not split.

The ONS does not publish which industry makes which product. The supply matrix is therefore the one with the least
secondary output that its totals by product and by industry allow (`least_secondary`).
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from tools.derived_tables.long_parquet import chosen, chosen_year, columns, grid, read
from tools.derived_tables.wide_codes import FINAL, final_uses

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FlowTable, ProductTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.adjustments import least_secondary
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.slips import close
from lustrum.errors import TableError
from lustrum.labels import unknown_label

#: File -> its columns of labels.
FILES: dict[str, tuple[str, str]] = {
    "supply": ("product", "item"),
    "use_intermediate_purchasers": ("product", "industry"),
    "value_added_output": ("item", "industry"),
    "final_demand_purchasers": ("product", "category"),
}
PURPOSES, INVESTMENT = "hhfce_by_coicop", "gfcf_product_by_industry"
OUTPUT, MARGINS, TAXES = "domestic_output_basic", "distributors_margins", "taxes_less_subsidies_products"
SUPPLIED = (OUTPUT, "imports_goods_EU", "imports_goods_RoW", "imports_services", MARGINS, TAXES)
TOTAL_SUPPLY = "total_supply_purchasers"
VALUE_ADDED = {
    "D1": "Compensation of employees",
    "B2B3": "Gross operating surplus and mixed income",
    "D29X39": "Taxes less subsidies on production",
}
PARTNERS = Labels(
    ("EU", "RoW", "services"),
    ("European Union, goods", "Rest of the world, goods", "All partners, services (not split by partner)"),
)
EXPORTS = {"P61_goods_EU": "EU", "P61_goods_RoW": "RoW", "P62_services": "services"}
#: Columns beside the purposes: residents abroad, visitors, and sums.
NOT_PURPOSES = ("TOT_DOM", "Non-resident", "UK resident", "Total")
NOT_INDUSTRIES = ("Total GFCF",)


def guess(path: Path) -> str | None:
    """A folder with the four files of supply and use."""
    there = [name for name in FILES if (path / f"{name}.parquet").is_file()] if path.is_dir() else []
    return f"supply and use tables of the ONS: the folder holds {', '.join(there)}" if len(there) >= 3 else None


def read_ons(path: Path, wanted: Wanted) -> FlowTable:
    """Read one year of supply and use."""
    for name, labels in FILES.items():
        file = path / f"{name}.parquet"
        if not file.is_file():
            raise TableError(
                f"{file.name} is missing", where=str(path), expected=", ".join(FILES), mend="copy the whole folder"
            )
        if missing := [c for c in (*labels, "value", "year") if c not in columns(file)]:
            raise TableError(f"column {missing[0]!r} is missing", where=str(file), mend="copy the file again")
    year, years = chosen_year(path / "supply.parquet", wanted.year)
    notes = [chosen(path / "supply.parquet", year, years, wanted)]
    products, industries = _labels(path / "products.csv"), _labels(path / "industries.csv")
    n, where = len(products.codes), f"{path}: {year}"
    supplied = _block(path, "supply", year, products.codes, (*SUPPLIED, TOTAL_SUPPLY))
    part = {name: supplied[:, k] for k, name in enumerate((*SUPPLIED, TOTAL_SUPPLY))}
    apart = np.abs(sum(part[c] for c in SUPPLIED) - part[TOTAL_SUPPLY])
    if apart.max() > 1:
        k = int(apart.argmax())
        raise TableError(
            "total supply is not the sum of its parts",
            where=f"{where}: supply, {products.codes[k]}",
            found=f"{part[TOTAL_SUPPLY][k]:,.0f} printed, {apart[k]:,.0f} apart",
            mend="the file is damaged: copy it again",
        )
    below = _block(path, "value_added_output", year, (*VALUE_ADDED, "P1"), industries.codes)
    found = _columns(path, "final_demand_purchasers", year)
    order = [c for c in FINAL if c in found] + [c for c in found if c not in FINAL]
    uses = tuple(replace(u, partner=EXPORTS.get(u.code, "")) for u in final_uses(order, where))
    final = _block(path, "final_demand_purchasers", year, products.codes, tuple(u.code for u in uses))
    supply, moved = least_secondary(part[OUTPUT], below[-1], where)
    notes.append(
        Change(
            "supply matrix",
            f"supply: {n} x {len(industries.codes)}",
            "which industry makes which product is not published: every industry makes its own product as far as the "
            "output of both allows, and the rest was spread in proportion to what was left",
            moved,
            float(part[OUTPUT].sum()),
            "the matrix with the least secondary output that fits the totals by product and by industry",
        )
    )
    tables = _purposes(path, year, products, final, [u.code for u in uses], notes)
    tables |= _investment(path, year, products, notes)
    table = FlowTable(
        Source(
            f"uk-ons-supply-use-{year}",
            f"United Kingdom {year}, supply and use, {n} products",
            year,
            "million pounds",
            "Office for National Statistics",
            "Open Government Licence v3.0",
        ),
        products,
        industries,
        supply,
        _block(path, "use_intermediate_purchasers", year, products.codes, industries.codes),
        uses,
        final,
        Labels(tuple(VALUE_ADDED), tuple(VALUE_ADDED.values())),
        below[:-1],
        imports=np.stack([part["imports_goods_EU"], part["imports_goods_RoW"], part["imports_services"]], axis=1),
        partners=PARTNERS,
        supply_columns={"margins": part[MARGINS], "taxes": part[TAXES]},
        valuation="purchaser",
        tables=tables,
        provenance=tuple(notes),
    )
    return close(table, where)


def _labels(path: Path) -> Labels:
    if not path.is_file() or path.stat().st_size > 2**20:
        raise TableError(f"{path.name} is missing or too large", where=str(path.parent), mend="copy the whole folder")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != ["code", "name"] or any(len(r) != 2 or not r[0] for r in rows):
        raise TableError(
            "label file is not understood",
            where=str(path),
            expected="code,name in every line",
            mend="copy the file again",
        )
    return Labels(tuple(r[0] for r in rows[1:]), tuple(r[1] for r in rows[1:]))


def _columns(path: Path, name: str, year: int, axis: int = 1) -> tuple[str, ...]:
    label = (FILES.get(name) or _SIDE[name])[axis]
    codes, _ = read(path / f"{name}.parquet", (label,), ("value",), year)
    return codes[label].labels


_SIDE = {PURPOSES: ("product", "coicop"), INVESTMENT: ("product", "industry")}


def _block(path: Path, name: str, year: int, rows: tuple[str, ...], cols: tuple[str, ...]) -> Figures:
    file = path / f"{name}.parquet"
    r, c = FILES.get(name) or _SIDE[name]
    codes, figures = read(file, (r, c), ("value",), year)
    every = np.ones(len(figures["value"]), bool)
    return grid(f"{file}: {year}", codes[r], codes[c], figures["value"], every, rows, cols)


def _purposes(
    path: Path, year: int, products: Labels, final: Figures, uses: list[str], notes: list[Change]
) -> dict[str, ProductTable]:
    """Household consumption by product and purpose; rows of two products together are split by what is consumed."""
    file = path / f"{PURPOSES}.parquet"
    if not file.is_file():
        return {}
    codes, figures = read(file, _SIDE[PURPOSES], ("value",), year)
    spent = final[:, uses.index("P3_households")] if "P3_households" in uses else final[:, 0]
    rows, split = [], 0.0
    together = {label: _members(label, products.codes, str(file)) for label in codes["product"].labels}
    purposes = tuple(sorted(c for c in codes["coicop"].labels if not c.startswith(NOT_PURPOSES)))
    keep = np.isin(codes["coicop"].at, [k for k, c in enumerate(codes["coicop"].labels) if c in purposes])
    labels = tuple(together)
    block = grid(f"{file}: {year}", codes["product"], codes["coicop"], figures["value"], keep, labels, purposes)
    out = np.zeros((len(products.codes), len(purposes)))
    for label, row in zip(labels, block, strict=True):
        members = together[label]
        weights = spent[members] if spent[members].sum() > 0 else np.ones(len(members))
        out[members] += np.outer(weights / weights.sum(), row)
        if len(members) > 1:
            rows.append(label)
            split += float(np.abs(row).sum())
    if rows:
        notes.append(
            Change(
                "consumption by purpose",
                f"{PURPOSES}: {', '.join(rows)}",
                "figures of several products together were split by household consumption",
                split,
                float(np.abs(block).sum()),
                "the source has them in one row",
            )
        )
    notes.append(
        Change(
            "consumption by purpose",
            f"{PURPOSES}: {len(purposes)} purposes",
            "purposes are those of consumption in the country; residents abroad and visitors, which the "
            "total of households adds and takes out, have no purpose",
            float(abs(spent.sum() - out.sum())),
            float(spent.sum()),
            "the source gives purposes on the domestic concept only",
        )
    )
    names = {r[0]: r[1] for r in _rows(path / "coicop_columns.csv")}
    return {"needs": ProductTable(Labels(purposes, tuple(names.get(c, "") for c in purposes)), out, "purchaser")}


def _members(label: str, products: tuple[str, ...], where: str) -> list[int]:
    """Positions of a product, or of the products of a joint row "CPA_C27 & C28"."""
    if label in products:
        return [products.index(label)]
    parts = [p if p.startswith("CPA_") else f"CPA_{p}" for p in label.replace(",", " &").split(" & ")]
    if len(parts) > 1 and all(p in products for p in parts):
        return [products.index(p) for p in parts]
    expected, mend = unknown_label(label, list(products), "product")
    raise TableError(f"unknown product {label!r}", where=where, expected=expected, mend=mend)


def _investment(path: Path, year: int, products: Labels, notes: list[Change]) -> dict[str, ProductTable]:
    """Fixed capital formation by product and investing industry, in the industries of its own."""
    file = path / f"{INVESTMENT}.parquet"
    if not file.is_file():
        return {}
    found = _columns(path, INVESTMENT, year)
    order = [r[1] if not r[0] or r[0] == "nan" else r[0] for r in _rows(path / "gfcf_industries.csv")]
    listed = [c for c in order if c in found] + [c for c in found if c not in order]
    block = _block(path, INVESTMENT, year, products.codes, tuple(listed))
    keep = [k for k, c in enumerate(listed) if c not in NOT_INDUSTRIES]
    totals = [k for k, c in enumerate(listed) if c in NOT_INDUSTRIES]
    if totals:
        gap = block[:, totals].sum(axis=1) - block[:, keep].sum(axis=1)
        notes.append(
            Change(
                "investment by industry",
                f"{INVESTMENT}: {year}",
                "the cells add up to less than their totals: cells below 5 are suppressed and read as 0",
                float(np.abs(gap).sum()),
                float(np.abs(block[:, totals]).sum()),
                "the source hides small cells",
            )
        )
    names = {r[0]: r[1] for r in _rows(path / "gfcf_industries.csv")}
    labels = tuple(listed[k] for k in keep)
    figures = np.ascontiguousarray(block[:, keep])
    return {
        "investment_by_industry": ProductTable(
            Labels(labels, tuple(names.get(c, "") for c in labels)), figures, "purchaser"
        )
    }


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file() or path.stat().st_size > 2**20:
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [r for r in list(csv.reader(file))[1:] if len(r) == 2]


READER = Reader(
    "ons", "Supply and use tables of the ONS at purchasers' prices, a folder of parquet files", guess, read_ons
)
