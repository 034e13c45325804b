"""Reader of the summary supply-use tables of the U.S. Bureau of Economic Analysis: make, use and import matrices.

One parquet file holds, for every year, the tables before redefinitions at producers' prices in million US dollars: 71
industries, 73 commodities, 20 columns of final use. Two layouts are read: `use`, `make`, `import` with value added and
totals inside `use`; and `use`, `use_final`, `VA`, `make`, without an import matrix. BEA describes the tables in
"Concepts and Methods of the U.S. Input-Output Accounts" (Horowitz and Planting, 2009).

What is peculiar to them, and what becomes of it:

- F050 holds imports with a minus sign. They become imports by product: the sum of the import matrix, or without one
  what is below zero. The rest of F050, duties and c.i.f./f.o.b. adjustments that BEA books above zero, becomes F050ADJ.
- `Other` holds noncomparable imports, and purchases of non-residents that are taken out of household consumption
  and added to exports. The latter stay where they were bought: both sides are taken out.
- `Used` holds scrap and second-hand goods. Those who sell them have cells below zero; they stay.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from tools.derived_tables.long_parquet import Codes, chosen, chosen_year, columns, grid, read, tables_in
from tools.derived_tables.wide_codes import FINAL, VALUE_ADDED, final_uses, publisher
from tools.derived_tables.wide_parts import source_name

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.adjustments import without_visitors
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.slips import close
from lustrum.errors import TableError
from lustrum.labels import unknown_label

COLUMNS = ("year", "table", "row", "col", "value")
TABLES = ("use", "use_final", "VA", "make", "import", "import_final")
#: Codes of sums, checked against the cells they add up and then left.
SUMS = ("T001", "T004")
IMPORTS, ADJUSTMENT, USED = "F050", "F050ADJ", "Used"
#: BEA rounds cells one by one; sums may differ from their cells by this much, in million dollars.
ROUNDING = 60.0


def guess(path: Path) -> str | None:
    """A parquet file with the five columns and a table named use."""
    if not set(COLUMNS) <= set(columns(path)):
        return None
    tables = tables_in(path)
    there = [t for t in TABLES if t in tables]
    return f"supply-use tables of the BEA: {path.name} has the tables {', '.join(there)}" if "use" in tables else None


def read_bea(path: Path, wanted: Wanted) -> FlowTable:
    """Read one year of supply and use."""
    year, years = chosen_year(path, wanted.year)
    cells = _Cells(path, year)
    cells.require("make", "it says which industry makes which product")
    cells.require("use", "it says what industries use")
    industries, products = cells.labels(path.parent)
    supply = cells.block("make", industries, products).T
    below = "VA" if cells.has("VA") else "use"
    rows = tuple(r for r in cells.names(below, "row") if r in VALUE_ADDED)
    value_added = cells.block(below, rows, industries)
    final_table = "use_final" if cells.has("use_final") else "use"
    codes = tuple(c for c in FINAL if c in cells.names(final_table, "col"))
    use, final = cells.block("use", products, industries), cells.block(final_table, products, codes)
    minus = cells.block(final_table, products, (IMPORTS,))[:, 0]
    changes = [chosen(path, year, years, wanted)]

    use_imported = final_imported = None
    if cells.has("import"):
        inside = "import_final" if cells.has("import_final") else "import"
        use_imported, final_imported = cells.block("import", products, industries), cells.block(inside, products, codes)
        imports = use_imported.sum(axis=1) + final_imported.sum(axis=1)
    else:
        imports = np.maximum(-minus, 0.0)
    adjustment = minus + imports
    pad = np.zeros((len(products), 1))
    codes, final = (*codes, ADJUSTMENT), np.hstack([final, adjustment[:, None]])
    final_imported = None if final_imported is None else np.hstack([final_imported, pad])
    large = np.abs(adjustment) > 9
    changes.append(
        Change(
            "duties and freight",
            f"{IMPORTS}: {', '.join(np.array(products)[large]) or 'rounding only'}",
            f"imports are the sums of {'the import matrix' if use_imported is not None else f'{IMPORTS} below zero'}; "
            f"what {IMPORTS} holds beyond them, duties and c.i.f./f.o.b. adjustments, became {ADJUSTMENT}",
            float(np.abs(adjustment).sum()),
            float(imports.sum()),
            "rows close; nobody abroad is paid for it",
        )
    )
    uses = final_uses(codes, cells.where)
    final, visitors = without_visitors(final, final_imported, uses, products)
    changes.extend(visitors)
    _second_hand(final, uses, products, changes)
    known = publisher(codes)
    assert known is not None  # F010 is in every table that got here
    table = FlowTable(
        Source(
            source_name(path.resolve().parent.name, "supply use", year),
            f"{known.country} {year}, supply and use, {len(products)} products, {len(industries)} industries",
            year,
            known.money,
            known.name,
            known.licence,
        ),
        _named(products, path.parent / "commodities.csv"),
        _named(industries, path.parent / "industries.csv"),
        supply,
        use,
        uses,
        final,
        Labels(rows, tuple(VALUE_ADDED[r][1] for r in rows)),
        value_added,
        imports=imports[:, None],
        use_imported=use_imported,
        final_imported=final_imported,
        valuation="producer",
        provenance=(*changes, *cells.checks),
    )
    return close(table, cells.where)


class _Cells:
    """The cells of one year."""

    def __init__(self, path: Path, year: int) -> None:
        codes, figures = read(path, ("table", "row", "col"), ("value",), year)
        self.where = f"{path}: {year}"
        self.table, self.row, self.col, self.value = codes["table"], codes["row"], codes["col"], figures["value"]
        self.checks: list[Change] = []
        for name in self.table.labels:
            if name not in TABLES:
                expected, mend = unknown_label(name, TABLES, "table")
                raise TableError(f"unknown table {name!r}", where=self.where, expected=expected, mend=mend)

    def has(self, table: str) -> bool:
        return bool(self.table.where(table).any())

    def require(self, table: str, why: str) -> None:
        if not self.has(table):
            raise TableError(
                f"not an economy: there is no {table} table",
                where=self.where,
                found=", ".join(self.table.labels),
                expected=f"a {table} table: {why}",
                mend="take a file of the same vintage that has it: vintages differ",
            )

    def names(self, table: str, axis: str) -> tuple[str, ...]:
        codes: Codes = self.row if axis == "row" else self.col
        positions, first = np.unique(codes.at[self.table.where(table)], return_index=True)
        return tuple(codes.labels[int(p)] for p in positions[np.argsort(first)])

    def labels(self, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Industries and products: those of the make table, in the order of the lists beside the file."""
        out = []
        for axis, file in (("row", "industries.csv"), ("col", "commodities.csv")):
            there = [c for c in self.names("make", axis) if not _is_sum(c)]
            order = [c for c in _listed(folder / file) if c in there]
            out.append(tuple(order if len(order) == len(there) else there))
        industries, products = out
        known = {*industries, *products, *FINAL, *VALUE_ADDED, IMPORTS}
        for codes, axis in ((self.row, "row"), (self.col, "column")):
            for label in codes.labels:
                if label not in known and not _is_sum(label):
                    expected, mend = unknown_label(label, sorted(known), "table")
                    raise TableError(f"unknown {axis} {label!r}", where=self.where, expected=expected, mend=mend)
        self._check_sums(industries, products)
        return industries, products

    def block(self, table: str, rows: tuple[str, ...], cols: tuple[str, ...]) -> Figures:
        keep = self.table.where(table)
        for codes, wanted in ((self.row, rows), (self.col, cols)):
            keep &= np.isin(codes.at, [k for k, label in enumerate(codes.labels) if label in set(wanted)])
        return grid(f"{self.where}: {table}", self.row, self.col, self.value, keep, rows, cols)

    def _check_sums(self, industries: tuple[str, ...], products: tuple[str, ...]) -> None:
        """Compare printed totals with the cells they add up."""
        finals = tuple(c for c in (*FINAL, IMPORTS) if c in self.names("use", "col"))
        for table, total, rows, cols in (
            ("use", "Total Commodity Output", products, (*industries, *finals)),
            ("use", "Total Final Uses (GDP)", products, finals),
            ("make", "Total Industry Output", industries, products),
        ):
            if total not in self.names(table, "col"):
                continue
            printed, cells = self.block(table, rows, (total,))[:, 0], self.block(table, rows, cols).sum(axis=1)
            apart = np.abs(printed - cells)
            worst = int(apart.argmax())
            if apart[worst] > ROUNDING:
                raise TableError(
                    f"{total!r} is not the sum of its cells",
                    where=f"{self.where}: {table}, {rows[worst]}",
                    found=f"{printed[worst]:,.0f} printed, {cells[worst]:,.0f} added up",
                    mend="the file is damaged: copy it again",
                )
            self.checks.append(
                Change(
                    "as published",
                    f"{table}: {total}",
                    "printed totals were compared with their "
                    f"cells and left: they differ by at most {apart[worst]:,.0f}",
                    why="the publisher rounds every cell",
                )
            )


def _is_sum(code: str) -> bool:
    return code in SUMS or code.startswith("Total ")


def _listed(path: Path) -> dict[str, str]:
    """Code -> name of a list beside the file; nothing where there is none."""
    if not path.is_file() or path.stat().st_size > 2**20:
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {r[0]: r[1] for r in list(csv.reader(file))[1:] if len(r) == 2}


def _named(codes: tuple[str, ...], path: Path) -> Labels:
    names = _listed(path)
    return Labels(codes, tuple(names.get(c, "") for c in codes))


def _second_hand(final: Figures, uses: tuple[FinalUse, ...], products: tuple[str, ...], changes: list[Change]) -> None:
    if USED not in products:
        return
    row = final[products.index(USED)]
    sold = [k for k in range(len(uses)) if row[k] < 0 and uses[k].kind != "adjustment"]
    if sold:
        changes.append(
            Change(
                "as published",
                f"use: {USED}; {', '.join(uses[k].code for k in sold)}",
                "sales of scrap and second-hand goods by final users stay below zero",
                float(-row[sold].sum()),
                float(np.abs(final).sum()),
                "they supply the product as much as its makers do; nothing was moved",
            )
        )


READER = Reader(
    "bea", "Supply-use tables of the BEA: make, use and import matrices in one parquet file", guess, read_bea
)
