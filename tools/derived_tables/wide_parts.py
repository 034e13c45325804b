"""The parts of a symmetric table with a domestic and an imported half, and the `FlowTable` that they make.

`wide` reads the parts from CSV files, `long` and `wiod_national` from parquet. Imports that the source books
as a row below the flows (noncomparable imports, c.i.f. totals, transport margins, purchases abroad) become
products without a producer, so that rows and columns close and the foreign exchange for them is planned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tools.derived_tables.wide_codes import VALUE_ADDED, final_uses, publisher

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FlowTable, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.adjustments import without_visitors
from lustrum.accounts.readers.slips import close
from lustrum.errors import TableError
from lustrum.labels import require_equal


@dataclass(frozen=True, eq=False)
class Block:
    """One part: figures with the codes of rows and columns."""

    rows: tuple[str, ...]
    cols: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, eq=False)
class Parts:
    """What a source holds; names as in the files. `beside` are rows of VA over the columns of final use."""

    name: str
    year: int
    where: str
    sectors: Labels
    z_dom: Block
    f_dom: Block
    va: Block
    output: Figures
    z_imp: Block | None = None
    f_imp: Block | None = None
    beside: Block | None = None
    satellites: Mapping[str, Satellite] = field(default_factory=dict)
    country: str = ""
    notes: tuple[Change, ...] = ()


def source_name(folder: str, file: str, year: int) -> str:
    """A short name for accounts: the words of folder and file, each once, and the year."""
    words = [w for w in re.findall(r"[a-z0-9]+", f"{folder} {file}".lower()) if not re.fullmatch(r"(19|20)\d\d", w)]
    return "-".join([*dict.fromkeys(words), str(year)])


def flow_table(parts: Parts) -> FlowTable:
    """Put the parts together.

    Raises
    ------
    LabelError
        Parts with different sectors.
    TableError
        An unknown column of final use, or parts that do not belong together.
    """
    codes, n = parts.sectors.codes, len(parts.sectors.codes)
    for name, block, cols in (
        ("Z_dom", parts.z_dom, True),
        ("Z_imp", parts.z_imp, True),
        ("F_dom", parts.f_dom, False),
        ("F_imp", parts.f_imp, False),
    ):
        if block is not None:
            require_equal(block.rows, codes, f"rows of {name}", "sectors", parts.where)
            if cols:
                require_equal(block.cols, codes, f"columns of {name}", "sectors", parts.where)
    require_equal(parts.va.cols, codes, "columns of VA", "sectors", parts.where)

    columns = _union(b.cols for b in (parts.f_dom, parts.f_imp, parts.beside) if b is not None)
    uses = final_uses(columns, parts.where)
    final = _spread(parts.f_dom, columns)
    final_imported = np.zeros_like(final) if parts.f_imp is None else _spread(parts.f_imp, columns)
    use_imported = np.zeros((n, n)) if parts.z_imp is None else parts.z_imp.figures

    rows = _union(b.rows for b in (parts.va, parts.beside) if b is not None)
    on_use = {c: parts.va.figures[k] for k, c in enumerate(parts.va.rows)}
    on_final = {} if parts.beside is None else dict(zip(parts.beside.rows, _spread(parts.beside, columns), strict=True))
    role = {r: VALUE_ADDED.get(r, ("primary", ""))[0] for r in rows}
    # a row without a figure anywhere needs no product
    outside = [r for r in rows if role[r] == "import" and (np.any(on_use.get(r, 0)) or np.any(on_final.get(r, 0)))]
    extra_use = np.array([on_use.get(r, np.zeros(n)) for r in outside]).reshape(len(outside), n)
    none = np.zeros(len(columns))
    extra_final = np.array([on_final.get(r, none) for r in outside]).reshape(len(outside), len(columns))
    use_imported, final_imported = np.vstack([use_imported, extra_use]), np.vstack([final_imported, extra_final])
    use = np.vstack([parts.z_dom.figures, np.zeros_like(extra_use)]) + use_imported
    final = np.vstack([final, np.zeros_like(extra_final)]) + final_imported
    primary = [r for r in rows if role[r] != "import" and r in on_use and (role[r] == "primary" or np.any(on_use[r]))]

    known = publisher(columns)
    visitors: tuple[Change, ...] = ()
    if known is not None and known.valuation == "producer":  # the BEA
        final, visitors = without_visitors(final, final_imported, uses, [*codes, *outside])
    country = parts.country or (known.country if known else "")
    notes = list(parts.notes)
    if known is None:
        notes.append(Change("as published", parts.where, "the files do not say who publishes them, nor in which money"))
    if idle := [s for s, x in zip(codes, parts.output, strict=True) if x == 0]:
        notes.append(
            Change(
                "as published",
                f"x: {', '.join(idle)}",
                "sectors without output are kept, and make nothing",
                why="the publisher's classification has them",
            )
        )
    source = Source(
        parts.name,
        f"{country + ' ' if country else ''}{parts.year}, {n} industries",
        parts.year,
        known.money if known else "",
        known.name if known else "",
        known.licence if known else "",
    )
    table = FlowTable(
        source,
        _products(parts.sectors, outside),
        parts.sectors,
        np.vstack([np.diag(parts.output), np.zeros((len(outside), n))]),
        use,
        uses,
        final,
        Labels(tuple(primary), tuple(VALUE_ADDED.get(r, ("", r))[1] for r in primary)),
        np.array([on_use[r] for r in primary]).reshape(len(primary), n),
        imports=(use_imported.sum(axis=1) + final_imported.sum(axis=1))[:, None],
        use_imported=use_imported,
        final_imported=final_imported,
        valuation=known.valuation if known else "basic",
        satellites=parts.satellites,
        provenance=(*notes, *_moved(outside, on_use, on_final), *visitors, *_left_out(role, on_final, final, columns)),
    )
    return close(table, parts.where)


def _union(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for group in groups for code in group))


def _spread(block: Block, columns: Sequence[str]) -> Figures:
    out = np.zeros((len(block.rows), len(columns)))
    out[:, [columns.index(c) for c in block.cols]] = block.figures
    return out


def _products(sectors: Labels, outside: Sequence[str]) -> Labels:
    if clash := set(outside) & set(sectors.codes):
        raise TableError(f"{min(clash)!r} is a sector and a row of imports too", mend="give one of them another code")
    names = tuple(VALUE_ADDED[r][1] for r in outside)
    return Labels((*sectors.codes, *outside), (*sectors.names, *names), (*sectors.units, *("",) * len(outside)))


def _moved(
    outside: Sequence[str], on_use: Mapping[str, Figures], on_final: Mapping[str, Figures]
) -> tuple[Change, ...]:
    changes = []
    for row in outside:
        used, final = (float(np.abs(side.get(row, np.zeros(1))).sum()) for side in (on_use, on_final))
        known = "" if row in on_final else "; the source does not say how much of it final users buy"
        changes.append(
            Change(
                "imports booked as an input",
                f"VA: {row}",
                f"the row became the product {row!r}, which is imported and has no domestic producer{known}",
                used + final,
                0.0,
                "rows and columns close, and foreign exchange is spent on it in the plan",
            )
        )
    return tuple(changes)


def _left_out(
    role: Mapping[str, str], on_final: Mapping[str, Figures], final: Figures, columns: Sequence[str]
) -> tuple[Change, ...]:
    changes = []
    for row, figures in on_final.items():
        if role[row] == "import" or not np.any(figures):
            continue
        amount, of = float(np.abs(figures).sum()), float(np.abs(final[:, figures != 0]).sum())
        at = ", ".join(c for c, v in zip(columns, figures, strict=True) if v)
        if role[row] == "territory":
            changes.append(
                Change(
                    "as published",
                    f"{row}: {at}",
                    "purchases of non-residents stay in household consumption: the source does not say of which "
                    "products",
                    amount,
                    of,
                    "household consumption is that of the territory; exports are smaller by as much",
                )
            )
        else:
            changes.append(
                Change(
                    "left out",
                    f"{row}: {at}",
                    f"{VALUE_ADDED.get(row, ('', row))[1].lower()}, paid by final users, belong to no product",
                    amount,
                    of,
                    "final use is at basic prices",
                )
            )
    return tuple(changes)
