"""The files of known figures that `balance` and `project` read.

Totals, one figure a line:

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

Constraints, for `balance --method kras`:

    constraints:
      - name: machines for farms and mills
        value: 120
        give: 0.05                  # optional: how readily it gives way; 0 (exact) if left out
        cells:
          - {product: machines, column: [farms, mills]}
          - {product: tools, column: exports:world, coefficient: -1}
    fixed:                          # cells that must not move
      - {product: fuel, column: all}
    readiness:                      # 1 as usual; 4: four times less certain
      - {product: all, column: committed_demand, times: 4}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lustrum.accounts.cells import number
from lustrum.accounts.national.balance import FINAL, Frame, Totals, group_columns
from lustrum.accounts.national.gras import Constraint
from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.accounts.tables import read_records, read_text
from lustrum.errors import TableError
from lustrum.labels import unknown
from lustrum.strict_yaml import MAX_TEXT, clip, line_of, parse

KINDS = ("output", "value_added", "imports", "labour", *FINAL)
HEADER = ("total", "code", "value")


def read_totals(path: Path, table: FlowTable) -> Totals:
    """Read a file of totals for a table.

    Raises
    ------
    TableError
        With file, line and column: unknown names, figures that are no numbers, the same total twice.
    """
    empty = ("no total is given", "write one figure a line: output,CODE,VALUE")
    records = read_records(path, HEADER, what="totals file", empty=empty)
    out = Totals({}, {}, {}, {}, {}, where=path.name)
    first: dict[tuple[str, str], int] = {}
    for line, row in records:
        kind, code = row["total"], row["code"]
        if kind not in KINDS:
            raise unknown(
                TableError, f"unknown total {kind!r}", kind, KINDS, "total", where=f"{path.name}:{line}:total"
            )
        if (kind, code) in first:
            raise TableError(
                "the same total stands twice",
                where=f"{path.name}:{line}",
                found=f"first on line {first[kind, code]}",
                mend="keep one of the two",
            )
        first[kind, code] = line
        value = number(row["value"], f"{path.name}:{line}:value")
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
            raise unknown(
                TableError,
                f"unknown code {code!r}",
                code,
                known,
                "product" if kind == "imports" else "activity",
                where=where,
            )
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
        raise unknown(
            TableError, f"unknown code {code!r}", code, [c.partition(":")[2] or c for c in columns], kind, where=where
        )
    out.final[full] = value


_KEYS = ("constraints", "fixed", "readiness")
_ENTRY = {
    "constraints": ("name", "value", "give", "cells"),
    "fixed": ("product", "column"),
    "readiness": ("product", "column", "times"),
    "cells": ("product", "column", "coefficient"),
}


def read_constraints(path: Path, frame: Frame) -> tuple[list[Constraint], Figures]:
    """Read known figures, fixed cells and readiness for the cells of a table.

    Raises
    ------
    TableError
        With file and line: unknown keys, codes, figures that are no numbers, cells that are all zero.
    """
    text = read_text(path, "a constraints file", MAX_TEXT, too_large="keep fewer constraints")
    raw = parse(text, path.name, error=TableError, what="constraints file")
    reading = _Reading(path.name, text, frame)
    reading.known(raw, _KEYS, [])
    readiness = np.ones_like(frame.matrix)
    for key in ("readiness", "fixed"):  # what is fixed stays fixed
        for k, entry in enumerate(reading.items(raw, key)):
            rows, columns = reading.cells(entry, [key, k])
            readiness[np.ix_(rows, columns)] = 0.0 if key == "fixed" else reading.number(entry, "times", [key, k], 0.0)
    return [
        reading.constraint(e, ["constraints", k]) for k, e in enumerate(reading.items(raw, "constraints"))
    ], readiness


class _Reading:
    """The file while it is read: every complaint has its line."""

    def __init__(self, name: str, text: str, frame: Frame) -> None:
        self.name, self.text, self.frame = name, text, frame

    def where(self, loc: list[str | int]) -> str:
        return f"{self.name}:{line_of(self.text, loc)}"

    def known(self, entry: dict[str, Any], keys: tuple[str, ...], loc: list[str | int]) -> None:
        for key in entry:
            if key not in keys:
                raise unknown(TableError, f"unknown key {clip(key)}", key, keys, "key", where=self.where([*loc, key]))

    def items(self, raw: dict[str, Any], key: str, loc: list[str | int] | None = None) -> list[dict[str, Any]]:
        found = raw.get(key, [])
        at = [*(loc or []), key]
        if not isinstance(found, list) or not all(isinstance(e, dict) for e in found):
            raise TableError(
                f"{key} must be a list of entries",
                where=self.where(at),
                found=clip(found),
                mend="begin each entry with a dash",
            )
        for k, entry in enumerate(found):
            self.known(entry, _ENTRY[key], [*at, k])
        return found

    def number(
        self, entry: dict[str, Any], key: str, loc: list[str | int], least: float | None, default: float | None = None
    ) -> float:
        value = entry.get(key, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not np.isfinite(value)
            or (least is not None and value < least)
        ):
            raise TableError(
                f"{key} is not a number" + (f" of {least:g} or more" if least is not None else ""),
                where=self.where([*loc, key]),
                found=clip(value),
                mend=f"write {key}: and a number",
            )
        return float(value)

    def cells(self, entry: dict[str, Any], loc: list[str | int]) -> tuple[list[int], list[int]]:
        frame = self.frame
        out = []
        for key, labels, find in (("product", frame.rows, frame.row), ("column", frame.columns, frame.column)):
            given = entry.get(key)
            codes = list(labels) if given == "all" else given if isinstance(given, list) else [given]
            if given is None or not codes:
                raise TableError(
                    f"{key} is missing",
                    where=self.where(loc),
                    expected="a code, a list of codes, or all",
                    mend=f"write {key}: and a code",
                )
            out.append([find(str(c), self.where([*loc, key])) for c in codes])
        return out[0], out[1]

    def constraint(self, entry: dict[str, Any], loc: list[str | int]) -> Constraint:
        value = self.number(entry, "value", loc, None)
        rows: list[int] = []
        columns: list[int] = []
        coefficients: list[float] = []
        cells = self.items(entry, "cells", loc)
        for k, cell in enumerate(cells):
            at = [*loc, "cells", k]
            r, c = self.cells(cell, at)
            factor = self.number(cell, "coefficient", at, None, 1.0)
            rows += [i for i in r for _ in c]
            columns += [j for _ in r for j in c]
            # figures of imports are written as people know them, above zero
            signs = [-1.0 if self.frame.columns[j].startswith("imports:") else 1.0 for _ in r for j in c]
            coefficients += [factor * s for s in signs]
        name = str(entry.get("name") or f"constraint {int(loc[1]) + 1}")
        if not rows or not np.any(self.frame.matrix[rows, columns]):
            raise TableError(
                f"{name}: all of its cells are zero, and zeros stay zero",
                where=self.where(loc),
                mend="name cells with a first estimate",
            )
        return Constraint(
            name,
            np.array(rows),
            np.array(columns),
            np.array(coefficients),
            value,
            self.number(entry, "give", loc, 0.0, 0.0),
        )
