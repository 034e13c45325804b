"""Labour and resources by activity, from satellite accounts; where there is none, labour is counted in wages."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from lustrum.accounts.assemble.flows import Flows
from lustrum.accounts.assemble.interpretation import Options, primary, regions_of, within
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import unknown

#: What a row measures, by its code and name in lower case; labour is taken in the measure of the lowest rank. Rows of
#: one measure are kinds of labour (by skill, by sex) and stay apart.
_MEASURES: tuple[tuple[str, int], ...] = (
    (r"hour|^h_", 2),
    (r"employees|^empe\b", 1),
    (r"^emp\b|employed|employment|persons|people|engaged|jobs", 0),
)


@dataclass(frozen=True)
class Rows:
    """Labels and (row, activity) flows."""

    labels: Labels
    figures: Figures


def find_labour(flows: Flows, options: Options) -> Rows | None:
    """Labour spent by activity: the satellite row asked for, persons, hours, skills; else compensation; else none."""
    rows = [
        (code, name or code, unit, figures)
        for satellite in flows.table.satellites.values()
        if satellite.kind == "labour"
        for code, name, unit, figures in zip(
            satellite.labels.codes, satellite.labels.names, satellite.labels.units, satellite.figures, strict=True
        )
        if figures.sum() > 0
    ]
    if options.labour is not None:
        rows = _named(options.labour, rows, flows)
    measures = [next((k for p, k in _MEASURES if re.search(p, f"{c} {n}".lower())), 0) for c, n, _, _ in rows]
    aside = [r[0] for r, m in zip(rows, measures, strict=True) if m > min(measures)]
    if aside:
        rows = [r for r, m in zip(rows, measures, strict=True) if m == min(measures)]
        flows.changes.append(
            Change(
                "labour",
                "satellite " + ", ".join(r[0] for r in rows[:6]),
                f"taken as the labour of the plan; {', '.join(aside[:6])} left aside",
                float(sum(r[3].sum() for r in rows)),
                0.0,
                "they measure the same labour",
            )
        )
    if (total := _total_row([r[3] for r in rows])) is not None:
        flows.changes.append(
            Change(
                "labour",
                f"satellite {rows[total][0]}",
                "left aside: it is the sum of the other rows",
                float(rows[total][3].sum()),
                float(sum(r[3].sum() for r in rows)),
                "it would count all labour twice",
            )
        )
        rows = rows[:total] + rows[total + 1 :]
    if rows:
        below = float(sum(-r[3].clip(max=0).sum() for r in rows))
        if below:
            flows.changes.append(Change("labour", "satellite", "figures below zero left out", below, 0.0))
        return _by_region(flows, [r[:3] for r in rows], np.array([r[3].clip(min=0) for r in rows]))
    return _wages(flows)


def _total_row(figures: list[Figures]) -> int | None:
    """Position of the row that is the sum of all others in every activity, to the rounding of printed figures."""
    if len(figures) < 3 or len(figures[0]) < 2:
        return None
    everything = np.sum(figures, axis=0)
    for k, row in enumerate(figures):
        if np.abs(everything - 2 * row).sum() <= 1e-3 * np.abs(row).sum():
            return k
    return None


def _named(wanted: str, rows: list[tuple[str, str, str, Figures]], flows: Flows) -> list[tuple[str, str, str, Figures]]:
    """The row of this code, or the rows of the satellite of this name, whatever it was read as."""
    if found := [r for r in rows if r[0] == wanted]:
        return found
    if (satellite := flows.table.satellites.get(wanted)) is not None:
        labels = satellite.labels
        return list(
            zip(
                labels.codes,
                [n or c for c, n in zip(labels.codes, labels.names, strict=True)],
                labels.units,
                satellite.figures,
                strict=True,
            )
        )
    if not rows and not flows.table.satellites:
        raise TableError(
            "the source counts no labour",
            where=flows.table.source.name,
            found=wanted,
            expected="wages, taken when nothing is named",
            mend="leave it out",
        )
    counted = [name for name, s in flows.table.satellites.items() if s.kind != "resource"]
    known = dict.fromkeys([*(r[0] for r in rows), *counted] or flows.table.satellites)
    raise unknown(
        TableError, f"no labour row {wanted!r}", wanted, list(known), "labour row", where=flows.table.source.name
    )


def _wages(flows: Flows) -> Rows | None:
    for roles, words in (("wages",), "compensation of employees"), (("value_added", "unknown"), "value added"):
        paid = primary(flows.table, *roles)
        if paid is None or paid.clip(min=0).sum() <= 0:
            continue
        flows.changes.append(
            Change(
                "labour",
                "value added",
                f"labour is counted in {words} of the base year",
                float(paid.clip(min=0).sum()),
                float(np.abs(flows.table.value_added).sum()),
                "the source has no jobs or hours",
            )
        )
        money = flows.table.source.money
        return _by_region(flows, [("all", "All labour, in " + words, money)], paid.clip(min=0)[None, :])
    flows.changes.append(
        Change("labour", "value added", "labour is not counted: the source has neither jobs nor wages")
    )
    return None


def _by_region(flows: Flows, labels: list[tuple[str, str, str]], figures: Figures) -> Rows:
    """A row for each region and kind of labour: people work where they live."""
    codes: list[tuple[str, str, str]] = []
    out = []
    for region in regions_of(flows.table.activities):
        here = np.array(within(flows.table.activities.regions, region))
        for (code, name, unit), row in zip(labels, figures, strict=True):
            if (row * here).sum() > 0:
                codes.append((f"{region}:{code}" if region else code, f"{region}: {name}" if region else name, unit))
                out.append(row * here)
    return Rows(Labels(*(tuple(c[k] for c in codes) for k in range(3))), np.array(out))


def find_resources(flows: Flows) -> Rows | None:
    """Resource use by activity: every row of the satellites of kind resource."""
    found = [
        (c, n, u, f)
        for s in flows.table.satellites.values()
        if s.kind == "resource"
        for c, n, u, f in zip(s.labels.codes, s.labels.names, s.labels.units, s.figures, strict=True)
    ]
    if not found:
        return None
    figures = np.array([f for *_, f in found])
    below = float(-figures.clip(max=0).sum())
    flows.changes.append(
        Change(
            "resources",
            ", ".join(c for c, *_ in found[:6]),
            "counted with output, without a budget",
            below,
            0.0,
            "a plan file can set a budget" + ("; figures below zero left out" if below else ""),
        )
    )
    return Rows(Labels(*(tuple(f[k] for f in found) for k in range(3))), figures.clip(min=0))
