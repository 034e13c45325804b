"""One country out of a world table, with its partners.

In a world table every import is a product of another region that is used in `use` or `final`. The extracted country has
one row a product again: what it makes and what it imports, by partner, with the imported part of every cell known
exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown

#: Partner for all who are not on their own, and for exports out of the world table.
REST, OUTSIDE = "rest", "outside"


def regions_of(world: FlowTable) -> tuple[str, ...]:
    """Return the regions of a world table, in the order of its rows.

    Raises
    ------
    TableError
        If the table has no regions.
    """
    found = tuple(dict.fromkeys(world.products.regions))
    if not all(found) or not all(world.activities.regions):
        raise TableError(
            "the table has no regions",
            where=world.source.name,
            mend="extract countries from a world table; this one is a single country's",
        )
    return found


def sector(code: str, region: str) -> str:
    """Return the sector of a world table's label: ``sector("AUS.c1", "AUS")`` is ``"c1"``."""
    return code.removeprefix(f"{region}.")


def extract_region(world: FlowTable, region: str, partners: int | Sequence[str] | None = None) -> FlowTable:
    """Return one country with its trade by partner.

    Parameters
    ----------
    world
        A table whose products and activities have regions.
    region
        The country.
    partners
        Other regions that stay on their own; the others become one partner, `rest`. A number: so many, those
        with which the country trades most (imports and exports together). None: all.

    Returns
    -------
    FlowTable
        Products are the country's sectors, then those that it only imports. `imports` by partner;
        `use_imported` and `final_imported` as the world table has them; exports are one column of final
        use a partner. Rows and columns close as they did in the world table.

    Raises
    ------
    TableError
        If there is no such region or partner.

    Notes
    -----
    A partner's deliveries of a product can be negative where its inventories were drawn down by more than was
    delivered. Imports cannot: they are raised to zero and the inventories (or, where there are none, all final
    use) of the imported product by as much, which the provenance states.
    """
    regions = regions_of(world)
    if region not in regions:
        raise unknown(TableError, f"no region {region!r}", region, regions, "region", where=world.source.name)
    if world.imports is not None and np.any(world.imports):
        raise TableError(
            "the table has imports from outside itself",
            where=world.source.name,
            mend="take a table in which every import is another region's product",
        )
    kept, notes = _partners(world, region, partners)
    home = [
        k
        for k, c in enumerate(world.final_uses)
        if c.region == region and (c.kind != "exports" or np.any(world.final[:, k]))
    ]
    if any(world.final_uses[k].kind == "exports" for k in home):
        kept = Labels((*kept.codes, OUTSIDE), (*kept.names, "Outside the world table"))
    at_home = np.array([r == region for r in world.products.regions])
    home_industries = np.array([r == region for r in world.activities.regions])
    _whole(world, region, at_home, home_industries)
    codes, names, row_of = _products(world, region, at_home)
    abroad, own = ~at_home, np.array(home, dtype=int)
    i = len(codes)

    domestic_use = add_rows(world.use[np.ix_(at_home, home_industries)], row_of[at_home], i)
    use_imported = add_rows(world.use[np.ix_(abroad, home_industries)], row_of[abroad], i)
    own_final = add_rows(world.final[np.ix_(at_home, own)], row_of[at_home], i)
    final_imported = add_rows(world.final[np.ix_(abroad, own)], row_of[abroad], i)
    bought = np.where(at_home, 0.0, world.use[:, home_industries].sum(axis=1) + world.final[:, own].sum(axis=1))
    imports = np.zeros((i, len(kept.codes)))
    place = [kept.codes.index(r if r in kept.codes else REST) if r != region else 0 for r in world.products.regions]
    np.add.at(imports, (row_of[abroad], np.array(place)[abroad]), bought[abroad])
    exports = _exports(world, region, at_home, kept, row_of, i)
    columns = (
        *(
            replace(
                world.final_uses[k],
                code=sector(world.final_uses[k].code, region),
                name=world.final_uses[k].name.removeprefix(f"{region}: "),
                region="",
                partner=OUTSIDE if world.final_uses[k].kind == "exports" else "",
            )
            for k in home
        ),
        *(FinalUse(f"exports.{p}", f"Exports to {kept.name(p)}", "exports", "", p) for p in kept.codes if p != OUTSIDE),
    )
    imports, final_imported, raised = _no_negative_imports(imports, final_imported, columns, kept, codes)
    exports = exports[:, [k for k, p in enumerate(kept.codes) if p != OUTSIDE]]
    activities = tuple(
        sector(c, region) for c, here in zip(world.activities.codes, home_industries, strict=True) if here
    )
    return FlowTable(
        replace(
            world.source,
            name=f"{region.lower()}-{world.source.base_year}",
            title=f"{region} {world.source.base_year}, carved out of: {world.source.title or world.source.name}",
        ),
        Labels(codes, names, _units(world, row_of, i)),
        Labels(
            activities, tuple(n.removeprefix(f"{region}: ") for n in _pick(world.activities.names, home_industries))
        ),
        add_rows(world.supply[np.ix_(at_home, home_industries)], row_of[at_home], i),
        domestic_use + use_imported,
        columns,
        np.hstack([own_final + final_imported, exports]),
        world.value_added_rows,
        world.value_added[:, home_industries].copy(),
        imports,
        kept,
        use_imported,
        np.hstack([final_imported, np.zeros_like(exports)]),
        valuation=world.valuation,
        satellites={n: replace(s, figures=s.figures[:, home_industries].copy()) for n, s in world.satellites.items()},
        provenance=(
            *map(_carried, world.provenance),
            _said(world, region, at_home, own_final, columns),
            *notes,
            *raised,
            *_negative_exports(exports, codes),
        ),
    )


# --- parts ---------------------------------------------------------------------------------------


def add_rows(figures: Figures, to: np.ndarray, count: int) -> Figures:
    """Add rows up into `count` new ones."""
    out = np.zeros((count, figures.shape[1]))
    np.add.at(out, to, figures)
    return out


def _pick(values: Sequence[str], mask: np.ndarray) -> tuple[str, ...]:
    return tuple(v for v, here in zip(values, mask, strict=True) if here)


def _products(
    world: FlowTable, region: str, at_home: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray]:
    """Codes and names of the country's products, and for each row of the world the row it falls into."""
    all_codes = [sector(c, r) for c, r in zip(world.products.codes, world.products.regions, strict=True)]
    own = [c for c, here in zip(all_codes, at_home, strict=True) if here]
    codes = tuple(dict.fromkeys([*own, *all_codes]))
    place = {c: k for k, c in enumerate(codes)}
    names = dict.fromkeys(codes, "")
    for code, name, r in reversed(list(zip(all_codes, world.products.names, world.products.regions, strict=True))):
        names[code] = name.removeprefix(f"{r}: ")
    return codes, tuple(names.values()), np.array([place[c] for c in all_codes])


def _units(world: FlowTable, row_of: np.ndarray, count: int) -> tuple[str, ...]:
    units = [""] * count
    for k, unit in zip(reversed(row_of.tolist()), reversed(world.products.units), strict=True):
        units[k] = unit
    return tuple(units)


def _partners(world: FlowTable, region: str, wanted: int | Sequence[str] | None) -> tuple[Labels, tuple[Change, ...]]:
    others = [r for r in regions_of(world) if r != region]
    if wanted is None or (isinstance(wanted, int) and wanted >= len(others)):
        return Labels(tuple(others), tuple(others)), ()
    trade = _trade(world, region)
    if isinstance(wanted, int):
        chosen = set(sorted(others, key=lambda r: -trade[r])[: max(wanted, 0)])
        rule = f"the {wanted} with most trade (imports and exports together) stay on their own"
    else:
        for name in wanted:
            if name not in others:
                raise unknown(TableError, f"no partner {name!r}", name, others, "region", where=world.source.name)
        chosen, rule = set(wanted), "the partners named stay on their own"
    kept = [r for r in others if r in chosen]
    grouped = sum(trade[r] for r in others if r not in chosen)
    note = Change(
        "partners grouped",
        f"{len(others) - len(kept)} regions",
        f"{rule}; the others are {REST!r}",
        grouped,
        sum(trade.values()),
        "amounts are kept, who of the group delivers is not",
    )
    return Labels((*kept, REST), (*kept, "Rest of the world")), (note,)


def _trade(world: FlowTable, region: str) -> dict[str, float]:
    product, activity = np.array(world.products.regions), np.array(world.activities.regions)
    final = np.array([c.region for c in world.final_uses])
    into = world.use[:, activity == region].sum(axis=1) + world.final[:, final == region].sum(axis=1)
    out_use, out_final = world.use[product == region].sum(axis=0), world.final[product == region].sum(axis=0)
    return {
        r: float(into[product == r].sum() + out_use[activity == r].sum() + out_final[final == r].sum())
        for r in regions_of(world)
        if r != region
    }


def _exports(
    world: FlowTable, region: str, at_home: np.ndarray, kept: Labels, row_of: np.ndarray, count: int
) -> Figures:
    place = {p: k for k, p in enumerate(kept.codes)}
    out = np.zeros((int(at_home.sum()), len(kept.codes)))
    for block, labels in (
        (world.use[at_home], world.activities.regions),
        (world.final[at_home], tuple(c.region for c in world.final_uses)),
    ):
        abroad = np.array([r != region for r in labels])
        to = np.array([place[r] if r in place else place.get(REST, 0) for r in labels])
        np.add.at(out.T, to[abroad], block[:, abroad].T)
    return add_rows(out, row_of[at_home], count)


def _no_negative_imports(
    imports: Figures, final_imported: Figures, columns: Sequence[FinalUse], kept: Labels, codes: Sequence[str]
) -> tuple[Figures, Figures, tuple[Change, ...]]:
    lacking = np.where(imports < 0, -imports, 0.0)
    if not lacking.any():
        return imports, final_imported, ()
    to = next((k for kind in ("inventories", "adjustment") for k, c in enumerate(columns) if c.kind == kind), 0)
    final_imported = final_imported.copy()
    final_imported[:, to] += lacking.sum(axis=1)
    cells = [f"{codes[i]} from {kept.codes[p]}" for i, p in np.argwhere(lacking > 0)]
    note = Change(
        "negative imports",
        "; ".join(cells[:6]) + ("; …" if len(cells) > 6 else ""),
        f"{len(cells)} imports below zero became zero, and {columns[to].code} of the imported products rose by as much",
        float(lacking.sum()),
        float(np.abs(imports).sum()),
        "the source draws down inventories of a partner's product by more than the partner delivered",
    )
    return imports + lacking, final_imported, (note,)


def _negative_exports(exports: Figures, codes: Sequence[str]) -> tuple[Change, ...]:
    below = np.argwhere(exports < 0)
    if not len(below):
        return ()
    names = ", ".join(dict.fromkeys(codes[i] for i, _ in below[:8].tolist()))
    return (
        Change(
            "as published",
            f"exports: {names}",
            f"{len(below)} exports by product and partner are below zero, "
            f"{-float(exports[exports < 0].sum()):,.6g} together",
            why="partners drew down inventories of the product by more than was delivered",
        ),
    )


def _whole(world: FlowTable, region: str, at_home: np.ndarray, industries: np.ndarray) -> None:
    """Refuse a table whose supply crosses borders: output would be lost."""
    lost = float(np.abs(world.supply[np.ix_(~at_home, industries)]).sum())
    lost += float(np.abs(world.supply[np.ix_(at_home, ~industries)]).sum())
    if lost:
        raise TableError(
            "industries of one region make products of another",
            where=f"{world.source.name}: {region}",
            found=f"{lost:,.6g} of output",
            mend="take a table whose supply stays within regions",
        )


def _said(
    world: FlowTable, region: str, at_home: np.ndarray, own_final: Figures, columns: Sequence[FinalUse]
) -> Change:
    unknown = sum(
        float(np.abs(own_final[:, k]).sum()) for k in range(own_final.shape[1]) if columns[k].kind == "adjustment"
    )
    words = (
        f"{int(at_home.sum())} of {len(at_home):,} rows; imports by partner and the imported part of every use are "
        "cells of the world table; the amount given here has no user there, and is an adjustment"
    )
    made = float(np.abs(world.supply[at_home]).sum())
    return Change("country carved out", region, words, unknown, made, "rows of the world table leave it over")


def _carried(change: Change) -> Change:
    """What was done to the whole world: kept in words, since its amount is not one of this country's figures."""
    amount = f" ({change.amount:,.6g} in the whole world table)" if change.amount else ""
    return replace(change, what=change.what + amount, amount=0.0, of=0.0)
