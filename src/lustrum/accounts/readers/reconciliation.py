"""Every total that a source prints, beside what was imported of it, and what of the differences is rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lustrum.accounts.national.table import KINDS, FlowTable
from lustrum.accounts.readers.mapped_cells import SHOWN, Pool
from lustrum.accounts.readers.mapping import PRIMARY, ImportMap
from lustrum.errors import TableError


@dataclass(frozen=True)
class Total:
    """A printed total beside what was imported of it."""

    total: str
    source: float
    ours: float
    where: str
    allowed: float
    count: int = 1
    why: str = ""

    @property
    def difference(self) -> float:
        """Ours less the source's."""
        return self.ours - self.source

    @property
    def agrees(self) -> bool:
        """Whether the difference is rounding."""
        return abs(self.difference) <= self.allowed

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "total": self.total,
            "source": self.source,
            "ours": self.ours,
            "difference": self.difference,
            "where": self.where,
            "rounding": self.allowed,
            "cells": self.count,
            "why": self.why,
        }


def rounding(unit: float, size: float, count: int) -> float:
    """What rounding explains: five standard deviations of a sum of rounded figures, and the digits of a float."""
    return unit * min(0.5 * (count + 1), 1.45 * float(np.sqrt(count + 1))) + 1e-7 * size + 1e-9


def printed_totals(pool: Pool) -> list[Total]:
    """Totals of the source; those of one row or column over many sectors as one, with the sector that is worst."""
    alone: list[Total] = []
    series: dict[str, list[tuple[Total, str]]] = {}
    for printed in pool.totals:
        ours, size, count = 0.0, 0.0, 0
        for rows, columns in printed.parts:
            part = pool.sum(rows, columns)
            ours, size, count = ours + part[0], size + part[1], count + part[2]
        if not count and printed.figure == 0:
            continue
        allowed = rounding(pool.unit, size, count)
        why = printed.why if abs(ours - printed.figure) <= printed.within else ""
        total = Total(printed.called, printed.figure, ours, printed.where, allowed, 1, why)
        if printed.series:
            series.setdefault(printed.series, []).append((total, printed.at))
        else:
            alone.append(total)
    for group in series.values():
        worst, at = max(group, key=lambda g: abs(g[0].difference) - g[0].allowed)
        what = f"{worst.total}, of {len(group)} sectors the one that differs most: {at}"
        alone.append(Total(what, worst.source, worst.ours, worst.where, worst.allowed, len(group), worst.why))
    return alone


def carried_totals(pool: Pool, table: FlowTable) -> list[Total]:
    """What the finished table holds, beside what was read of the source."""
    industry = {k: 1 for k in pool.columns if k[0] == "industry"}
    final = {k: 1 for k in pool.columns if k[0] in KINDS}
    bought = {k: 1 for k in pool.rows if k[0] in ("product", "imported_product", "imports")}
    added = {k: 1 for k in pool.rows if k[0] in PRIMARY or k[0] == "visitors"}
    if not pool.domestic:  # rows of products hold the imported part already
        bought = {k: 1 for k in bought if k[0] != "imported_product"}
    given = {k[1] for k in pool.columns if k[0] == "adjustment"}
    made = [k for k in table.columns("adjustment") if table.final_uses[k].code not in given]
    adjusted = table.final[:, made].sum()
    where = "; ".join(pool.places)
    out = []
    for name, rows, columns, ours in (
        ("intermediate use, in the accounts' table", bought, industry, table.use.sum()),
        ("final use, in the accounts' table", bought, final, table.final.sum() - adjusted),
        ("inputs that are no product, in the accounts' table", added, industry, table.value_added.sum()),
    ):
        source, size, count = pool.sum(rows, columns)
        if name.startswith("final"):
            size += abs(float(adjusted))
        out.append(Total(name, source, float(ours), where, 1e-7 * size + 1e-9, max(count, 1)))
    return out


def unexplained(wrong: Sequence[Total], of: int) -> TableError:
    worst = sorted(wrong, key=lambda t: -abs(t.difference))
    listed = "".join(
        f"\n            {t.where}: {t.total}: source {t.source:,.6g}, ours {t.ours:,.6g}, apart {t.difference:,.6g}"
        for t in worst[:SHOWN]
    )
    return TableError(
        f"{len(wrong)} of {of} totals of the source are not met",
        where=worst[0].where,
        found=listed.strip() + (f"\n            and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""),
        expected="differences that rounding explains",
        mend="a row or column is named for what it is not, is missing, or stands twice; a difference that the "
        "publisher states may be allowed in the mapping: `within` and `why` at the total",
    )


def closing_totals(pool: Pool, table: FlowTable, mapping: ImportMap) -> list[Total]:
    """Rows and columns of the finished table: supply is use, output is inputs."""
    out: list[Total] = []
    extra = sum((np.asarray(c) for c in table.supply_columns.values()), np.zeros(len(table.products.codes)))
    supply = table.supply.sum(axis=1) + table.total_imports + extra
    used = np.hstack([table.use, table.final])
    inputs = np.vstack([table.use, table.value_added])
    # both sides were added up by others: figures with many digits agree to about eight of them
    slack = 1e-8 * float(np.abs(supply).sum())
    for name, source, parts, labels, within in (
        ("supply of a product = its use", supply, used, table.products.codes, mapping.rows_within),
        ("output of an industry = its inputs", table.output, inputs.T, table.activities.codes, mapping.columns_within),
    ):
        ours, size = parts.sum(axis=1), np.abs(parts).sum(axis=1)
        count = np.count_nonzero(parts, axis=1)
        if pool.hides_zeros or "supply" in name:  # both sides are sums of rounded figures
            count = np.full_like(count, parts.shape[1] + table.supply.shape[1]) if pool.hides_zeros else 2 * count
        allowed = np.array([rounding(pool.unit, s, int(n)) for s, n in zip(size, count, strict=True)]) + slack
        excess = np.abs(ours - source) - allowed
        k = int(excess.argmax())
        left = float(abs(ours[k] - source[k]))
        words = f"{name}, of {len(labels)} the one that differs most: {labels[k]}"
        why = mapping.why if excess[k] > 0 and left <= within else ""
        total = Total(words, float(source[k]), float(ours[k]), table.source.name, float(allowed[k]), len(labels), why)
        out.append(total)
        if excess[k] > 0 and not why:
            several = int((excess > 0).sum())
            raise TableError(
                f"{'rows' if 'supply' in name else 'columns'} do not close",
                where="; ".join(pool.places),
                found=f"{words}: {source[k]:,.6g} against {ours[k]:,.6g}; {several} of {len(labels)} by more "
                f"than rounding, {np.abs(ours - source).sum() / max(np.abs(source).sum(), 1e-9):.1%} in all",
                expected=name,
                mend=_advice(table, name)
                + "a part is missing, stands twice or is of another year or price; an imbalance of the publisher's own "
                "is stated in the mapping: rows_within or columns_within, and why",
            )
    return out


def _advice(table: FlowTable, name: str) -> str:
    """A word on what went wrong, where the figures tell."""
    if table.products.codes == table.activities.codes and table.value_added.any():
        turned = np.abs(table.supply.sum(axis=0) - table.use.sum(axis=1) - table.value_added.sum(axis=0)).sum()
        if turned < 0.02 * np.abs(table.column_residuals()).sum():
            return "the block of intermediate use looks transposed: rows are sellers, columns buyers; "
    return ""
