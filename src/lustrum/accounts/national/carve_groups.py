"""A world of fewer regions: groups of countries become one, sector by sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.carve import add_rows, regions_of, sector
from lustrum.accounts.national.table import Figures, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError


def merge_regions(world: FlowTable, groups: Mapping[str, Sequence[str]]) -> FlowTable:
    """Return a world of fewer regions: each group becomes one, sector by sector.

    Parameters
    ----------
    groups
        New region -> the regions in it. Every region belongs to exactly one group.

    Raises
    ------
    TableError
        If a region belongs to no group or to several.
    """
    regions = regions_of(world)
    group_of = {r: g for g, members in groups.items() for r in members}
    count = sum(len(m) for m in groups.values())
    if set(group_of) != set(regions) or count != len(regions):
        wrong = sorted(set(group_of) ^ set(regions)) or [r for r in regions if sum(r in m for m in groups.values()) > 1]
        raise TableError(
            "groups do not fit the regions",
            where=world.source.name,
            found=", ".join(wrong[:8]),
            expected="every region in exactly one group",
            mend="name each region once",
        )

    def merged(labels: Labels) -> tuple[Labels, np.ndarray]:
        new = [f"{group_of[r]}.{sector(c, r)}" for c, r in zip(labels.codes, labels.regions, strict=True)]
        codes = tuple(dict.fromkeys(new))
        first = [new.index(c) for c in codes]
        names = tuple(
            f"{group_of[labels.regions[k]]}: {labels.names[k].removeprefix(labels.regions[k] + ': ')}"
            if labels.names[k]
            else ""
            for k in first
        )
        place = {c: k for k, c in enumerate(codes)}
        return (
            Labels(
                codes, names, tuple(labels.units[k] for k in first), tuple(group_of[labels.regions[k]] for k in first)
            ),
            np.array([place[c] for c in new]),
        )

    products, p = merged(world.products)
    activities, a = merged(world.activities)
    new_uses = [
        replace(
            u,
            code=f"{group_of[u.region]}.{sector(u.code, u.region)}",
            region=group_of[u.region],
            name=f"{group_of[u.region]}: {u.name.removeprefix(u.region + ': ')}",
        )
        for u in world.final_uses
    ]
    uses = tuple(dict.fromkeys(new_uses))
    f = np.array([uses.index(u) for u in new_uses])
    i, j = len(products.codes), len(activities.codes)

    def columns(figures: Figures, to: np.ndarray, count: int) -> Figures:
        return add_rows(figures.T, to, count).T

    return world.changed(
        Change(
            "regions merged",
            ", ".join(groups),
            f"{len(regions)} regions became {len(groups)}, sector by sector",
            why="trade among the members of a group is now use of its own products",
        ),
        source=replace(world.source, name=f"{world.source.name}-{len(groups)}-regions"),
        products=products,
        activities=activities,
        final_uses=uses,
        supply=columns(add_rows(world.supply, p, i), a, j),
        use=columns(add_rows(world.use, p, i), a, j),
        final=columns(add_rows(world.final, p, i), f, len(uses)),
        value_added=columns(world.value_added, a, j),
        satellites={n: Satellite(s.labels, columns(s.figures, a, j), s.kind) for n, s in world.satellites.items()},
    )
