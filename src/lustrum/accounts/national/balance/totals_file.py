"""The file of known totals that `balance` and `project` read: `total,code,value`, one figure a line.

total,code,value
output,farms,1200         output of an activity
value_added,farms,500     value added of an activity
consumption,food,900      spending on a need; `all` for all needs together
investment,machines,300   investment in an asset, or `all`
committed_demand,all,410
exports,all,250           or by partner
imports,grain,80          imports of a product (all partners), or `all`
labour,farms,120          labour of an activity, all skills together, or `all` (`project` only)
final,F010,1300           a column of final use by its own code (tables that were not an economy)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.tables import number, read_rows
from lustrum.errors import TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

#: Name of a total -> prefix of the columns of final use that it is about.
FINAL = {
    "consumption": "need:",
    "investment": "asset:",
    "committed_demand": "committed_demand",
    "exports": "exports:",
    "final": "",
}
KINDS = ("output", "value_added", "imports", "labour", *FINAL)
HEADER = ("total", "code", "value")


@dataclass(frozen=True)
class Totals:
    """Known totals by label. Final: full code of a column -> total; groups: name of a total -> total of all of it."""

    output: dict[str, float]
    value_added: dict[str, float]
    imports: dict[str, float]
    final: dict[str, float]
    groups: dict[str, float]
    labour: dict[str, float] = field(default_factory=dict)
    where: str = "totals"


def group_columns(table: FlowTable, name: str) -> list[int]:
    """Positions of the columns of final use that a total of all of them is about."""
    return [k for k, f in enumerate(table.final_uses) if f.code.startswith(FINAL[name])]


def read_totals(path: Path, table: FlowTable) -> Totals:
    """Read a file of totals for a table.

    Raises
    ------
    TableError
        With file, line and column: unknown names, figures that are no numbers, the same total twice.
    """
    header, *rows = read_rows(path)
    if not rows:
        raise TableError(
            "no total is given",
            where=path.name,
            found="a header and nothing below it",
            mend="write one figure a line: output,CODE,VALUE",
        )
    if tuple(header) != HEADER:
        raise TableError(
            "columns of a totals file are not understood",
            where=f"{path.name}:1",
            found=clip(",".join(header), 80),
            expected=",".join(HEADER),
            mend="make the first line total,code,value",
        )
    out = Totals({}, {}, {}, {}, {}, where=path.name)
    first: dict[tuple[str, str], int] = {}
    for line, (kind, code, cell) in enumerate(rows, 2):
        if kind not in KINDS:
            expected, mend = unknown_label(kind, KINDS, "total")
            raise TableError(f"unknown total {kind!r}", where=f"{path.name}:{line}:total", expected=expected, mend=mend)
        if (kind, code) in first:
            raise TableError(
                "the same total stands twice",
                where=f"{path.name}:{line}",
                found=f"first on line {first[kind, code]}",
                mend="keep one of the two",
            )
        first[kind, code] = line
        value = number(cell, f"{path.name}:{line}:value")
        _place(out, table, kind, code, value, f"{path.name}:{line}:code")
    for kind in (*FINAL, "labour"):
        both = [c for k, c in first if k == kind and c != "all"]
        if kind in out.groups and both:
            raise TableError(
                f"{kind} is given for all together and for {both[0]!r}",
                where=f"{path.name}:{first[kind, 'all']}",
                mend="keep one of the two",
            )
    return out


def _place(out: Totals, table: FlowTable, kind: str, code: str, value: float, where: str) -> None:
    if kind in ("output", "value_added", "imports", "labour"):
        known = table.products.codes if kind == "imports" else table.activities.codes
        if code == "all" and kind in ("imports", "labour"):
            out.groups[kind] = value
            return
        if code not in known:
            expected, mend = unknown_label(code, known, "product" if kind == "imports" else "activity")
            raise TableError(f"unknown code {code!r}", where=where, expected=expected, mend=mend)
        if kind != "value_added" and value < 0:
            raise TableError(
                f"{kind} is below zero",
                where=where.replace(":code", ":value"),
                found=f"{value:g}",
                mend="give 0 or more",
            )
        getattr(out, kind)[code] = value
        return
    columns = [table.final_uses[k].code for k in group_columns(table, kind)]
    if not columns:
        raise TableError(f"the accounts have no {kind}", where=where.replace(":code", ":total"), mend="delete the line")
    if code == "all":
        out.groups[kind] = value
        return
    full = f"{FINAL[kind]}{code}" if FINAL[kind].endswith(":") else code
    if full not in columns:
        expected, mend = unknown_label(code, [c.partition(":")[2] or c for c in columns], kind)
        raise TableError(f"unknown code {code!r}", where=where, expected=expected, mend=mend)
    out.final[full] = value
