"""Checks of an economy's accounts: signs, labels, base-year identities, productivity (docs/model.md section 2).

Each finding is a sentence for a planner, with its place and its mend. Nothing is printed or changed here.
"""

from __future__ import annotations

import numpy as np

from lustrum.accounts.checks.identities import (
    check_activities,
    check_balance,
    check_capacity_used,
    check_exchange,
    check_productive,
    check_trade,
)
from lustrum.accounts.checks.report import (
    LEFT_OUT,
    OPEN_COLUMN,
    Finding,
    Report,
    Severity,
    grade,
    in_money,
    listed,
    shorten,
)
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import FIELDS, SETS
from lustrum.labels import unknown_label

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def check_economy(economy: Economy) -> Report:
    """Check accounts before a plan is made from them.

    Parameters
    ----------
    economy
        Accounts that could be read: labels agree and every figure is finite already.

    Returns
    -------
    Report
        `ok` where no finding is an error. Figures of a field that carries years are those of the base year, or of
        its first year where it has none for the base year.

    Notes
    -----
    Rows are the balance of products in the base year, S x0 + m0 = U x0 + b y0 + P n0 + f + e0, each residual
    relative to the larger side. Columns are sums that must be 1 where units are money: of b, P and S.
    """
    findings: list[Finding] = []
    findings += check_signs(economy)
    findings += check_regions(economy)
    findings += check_units(economy)
    findings += check_years(economy)
    columns, found = check_columns(economy, money=in_money(economy))
    findings += found
    rows, found = check_balance(economy)
    findings += found
    findings += check_activities(economy)
    productive, radius, found = check_productive(economy)
    findings += found
    findings += check_capacity_used(economy)
    findings += check_trade(economy)
    findings += check_exchange(economy)
    findings += check_open_columns(economy)
    findings.sort(key=lambda f: _ORDER[f.severity])  # stable: the order of the checks is kept
    return Report(
        economy=economy.source.name,
        sectors=economy.size("activity"),
        rows=dict(zip(economy.codes("product"), rows.tolist(), strict=True)) if rows is not None else {},
        columns=columns,
        productive=productive,
        spectral_radius=radius,
        findings=tuple(findings),
    )


_MEND = {
    ">=0": "negative cells of final demand belong in committed_demand.csv; elsewhere mend the table",
    ">0": "give a figure above zero",
    "0..1": "write a share: 0.05 for 5 %",
}


def check_signs(e: Economy) -> list[Finding]:
    """Hold every field to the sign the field table gives it."""
    out: list[Finding] = []
    for field in FIELDS:
        if not e.has(field.name) or field.sign in ("any", "bool"):
            continue
        array = e.data[field.name]
        values = np.asarray(array.values)
        wrong = values < 0
        if field.sign == ">0":
            wrong = values <= 0
        elif field.sign == "0..1":
            wrong = (values < 0) | (values > 1)
        if not wrong.any():
            continue
        at = np.argwhere(wrong)
        place = ", ".join(str(array[d].values[k]) for d, k in zip(array.dims, at[0], strict=True))
        more = f"; {len(at)} such figures" if len(at) > 1 else ""
        out.append(
            Finding(
                "error",
                f"{field.name}: {place}",
                f"{field.meaning.split(';')[0]}: {values[tuple(at[0])]:g} is not {field.sign}{more}",
                _MEND[field.sign],
            )
        )
    if e.has("utilisation") and (e.values("utilisation") > 1).any():
        codes = [c for c, u in zip(e.codes("activity"), e.values("utilisation"), strict=True) if u > 1]
        out.append(
            Finding(
                "warning",
                f"utilisation: {codes[0]}",
                f"{len(codes)} activities used more than they had",
                "a share above 1 says that base output was more than the stock can make",
            )
        )
    return out


def check_columns(e: Economy, *, money: bool) -> tuple[dict[str, float], list[Finding]]:
    """Check that columns of b, P and S sum to 1 where units are money."""
    residuals: dict[str, float] = {}
    findings: list[Finding] = []
    for name, dim in (("need_composition", "need"), ("asset_composition", "asset"), ("supply", "activity")):
        if not e.has(name):
            continue
        array = e.data[name]
        values = np.asarray(array.values)
        sums = values.sum(axis=0)
        # the year whose sum is furthest from 1 speaks for a field that carries years
        total = sums if sums.ndim == 1 else sums[np.arange(len(sums)), np.abs(sums - 1).argmax(axis=1)]
        filled = np.any(values != 0, axis=tuple(k for k in range(values.ndim) if k != 1))
        for code, column, some in zip(e.codes(dim), total, filled, strict=True):
            if not some:
                findings.append(_empty(e, name, dim, code))
            elif money and _own_money(e, dim, code):
                residuals[f"{name}: {code}"] = float(column - 1)
                if severity := grade(float(column - 1)):
                    if dim == "asset" and not e.sets[dim].units[e.codes(dim).index(code)]:
                        severity = "warning"  # may well be counted in plants
                    findings.append(
                        Finding(
                            severity,
                            f"{name}: {code}",
                            f"column sums to {column:.6g}, not 1",
                            "mend the column, or give the label a unit if it is no money",
                        )
                    )
    return residuals, shorten(findings)


def _own_money(e: Economy, dim: str, code: str) -> bool:
    labels = e.sets[dim]
    return labels.units[labels.codes.index(code)] in ("", e.source.money)


def _empty(e: Economy, name: str, dim: str, code: str) -> Finding:
    if name == "need_composition":
        used = e.has("consumption") and bool(e.values("consumption")[:, e.codes("need").index(code)].any())
        return Finding(
            "error" if used else "warning",
            f"{name}: {code}",
            "a need without products is met for nothing",
            "name the products it consists of, or remove the need",
        )
    if name == "asset_composition":
        work = e.has("building_labour") and bool(e.values("building_labour")[:, e.codes("asset").index(code)].any())
        return Finding(
            "note" if work else "warning",
            f"{name}: {code}",
            "no products go into this asset" + ("" if work else ": the plan can build it for nothing"),
            "name the products and labour it takes, or cap its investment in the plan",
        )
    return Finding("warning", f"{name}: {code}", "the activity makes no product", "fill its column, or remove it")


def check_open_columns(e: Economy) -> list[Finding]:
    """Activities whose output was not its inputs and value added when the accounts were made of a published table."""
    out: list[Finding] = []
    for change in e.provenance:
        if change.step == OPEN_COLUMN:
            out.append(
                Finding(
                    "error" if change.share > LEFT_OUT else "warning",
                    f"column of the source: {change.where}",
                    f"{change.what.split(':')[0]} ({change.share:.2%} of output)",
                    "look for cells that were left out, or state the difference as a row of value added; import again",
                )
            )
    return shorten(out)


def check_regions(e: Economy) -> list[Finding]:
    """Every region named beside a label is one of the regions; with several, every product has one."""
    regions = e.codes("region")
    out: list[Finding] = []
    for dim, labels in e.sets.items():
        for code, region in zip(labels.codes, labels.regions, strict=True):
            if region and region not in regions:
                _, mend = unknown_label(region, regions or ("(none)",), "region")
                out.append(
                    Finding(
                        "error",
                        f"{SETS[dim]}: {code}",
                        f"region {region!r} is not in {SETS['region']}",
                        mend if regions else f"list the regions in {SETS['region']}",
                    )
                )
            elif not region and dim == "product" and len(regions) > 1:
                out.append(
                    Finding(
                        "error",
                        f"{SETS[dim]}: {code}",
                        "the product has no region, and there are several",
                        f"name one of {listed(regions)}",
                    )
                )
    for dim in ("product", "activity"):
        if len(regions) > 1 and any(e.sets[dim].regions):
            idle = [r for r in regions if r not in e.sets[dim].regions]
            if idle:
                out.append(
                    Finding("note", SETS[dim], f"no {dim} belongs to region {listed(idle)}", "check the region column")
                )
    return shorten(out)


def check_units(e: Economy) -> list[Finding]:
    """Units that are mixed or missing: sums over them mean nothing."""
    out: list[Finding] = []
    products, activities = e.sets["product"], e.sets["activity"]
    bare = [c for c, u in zip(products.codes, products.units, strict=True) if not u]
    if bare and len(bare) < len(products.codes):
        out.append(
            Finding(
                "warning",
                f"{SETS['product']}: {bare[0]}",
                f"some products have a unit, {len(bare)} have none: {listed(bare)}",
                "give every product its unit",
            )
        )
    elif bare and not e.source.money:
        out.append(
            Finding(
                "note",
                "economy.yaml: money",
                "neither money nor units are named",
                "name the money, or a unit for every product",
            )
        )
    kinds = sorted({u for u in products.units if u})
    if len(kinds) > 1:
        out.append(
            Finding(
                "note",
                SETS["product"],
                f"products are counted in {len(kinds)} units: {listed(kinds)}",
                "totals over products mean nothing; weigh needs by objective.weights",
            )
        )
    unit = dict(zip(products.codes, products.units, strict=True))
    for code, own in zip(activities.codes, activities.units, strict=True):
        if code in unit and own and unit[code] and own != unit[code]:
            out.append(
                Finding(
                    "warning",
                    f"{SETS['activity']}: {code}",
                    f"the activity is counted in {own}, its product in {unit[code]}",
                    "use one unit, or check that supply.csv turns one into the other",
                )
            )
    return shorten(out)


def check_years(e: Economy) -> list[Finding]:
    """Years of a field run without a gap from the base year or the year after it."""
    out: list[Finding] = []
    for name, array in e.data.items():
        if "year" not in array.dims:
            continue
        years = [int(y) for y in array["year"].values]
        where, base = f"{name}: year", e.base_year
        last = max(years)
        needed = [y for y in range(base + 1, last + 1) if y not in years]
        if last <= base:
            out.append(
                Finding(
                    "warning",
                    where,
                    f"figures end in {last}: no plan year is covered",
                    f"add years from {base + 1} on, or drop the years so that it holds always",
                )
            )
        elif needed:
            out.append(
                Finding(
                    "error",
                    where,
                    f"no figures for {listed(map(str, needed))} before {last}",
                    "a field with years needs every year",
                )
            )
        if base not in years:
            out.append(
                Finding(
                    "error" if name == "population" else "note",
                    where,
                    f"no figures for the base year {base}; identities use {years[0]}",
                    f"add rows for {base}",
                )
            )
    ends = {n: max(int(y) for y in a["year"].values) for n, a in e.data.items() if "year" in a.dims}
    if ends and (last := min(ends.values())) > e.base_year:
        first = next(n for n, y in ends.items() if y == last)
        out.append(
            Finding(
                "note",
                f"{first}: year",
                f"figures by year allow plans up to {last}: {last - e.base_year} years",
                f"add years to {first}.csv for longer plans",
            )
        )
    return out
