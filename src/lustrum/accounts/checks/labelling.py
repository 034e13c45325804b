"""Labels that must agree: regions, units, and the years a field covers."""

from __future__ import annotations

from lustrum.accounts.checks.report import Finding, listed, shorten
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import SETS
from lustrum.labels import unknown_label


def in_money(e: Economy) -> bool:
    """Whether products are counted in money: the accounts name one and no product has another unit."""
    return bool(e.source.money) and all(u in ("", e.source.money) for u in e.sets["product"].units)


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
