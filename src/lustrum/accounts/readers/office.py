"""Reader of the table workbook: a published table in the sheets of one .xlsx file, much as offices print it.

Sheet `about` says whose table it is. `use`, `final` and `value_added` are the three parts of every input-output
table; `supply`, `imports`, margins, jobs and the rest are there where the office has them (`office_sheets`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from lustrum.accounts.cells import Grid
from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import (
    KINDS,
    Figures,
    FinalUse,
    FlowTable,
    Kind,
    ProductTable,
    Satellite,
    Valuation,
)
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.mapped_cells import Questions, bad_cells
from lustrum.accounts.readers.office_sheets import ABOUT, FORMAT, IMPORTS, LABELS, SHEETS, USE_HOLDS, VALUATIONS
from lustrum.accounts.readers.primary_rows import CODES, code_of, known_kind, suggested_kind
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.slips import refuse_slips, without_total
from lustrum.accounts.readers.workbook import COMMENT, FOR_PEOPLE, require_excel
from lustrum.accounts.readers.workbook_grid import SheetGrid
from lustrum.accounts.readers.workbook_open import Book
from lustrum.accounts.tables import read_grid
from lustrum.errors import LabelError, TableError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

Codes = Mapping[str, Sequence[str]]


def guess(path: Path) -> str | None:
    """A workbook with the sheets about, use and final."""
    if not path.is_file() or path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    try:
        sheets = Book(path).sheets
    except TableError:
        return None
    return (
        "a table workbook: it has the sheets about, use and final" if {"about", "use", "final"} <= set(sheets) else None
    )


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read a table workbook."""
    require_excel("python_calamine")
    book = Book(path)
    for name in book.sheets:
        if name not in (*LABELS, *SHEETS, *FOR_PEOPLE, "about") and not name.startswith(COMMENT):
            expected, mend = unknown_label(name, ["about", *LABELS, *SHEETS], "sheet")
            raise TableError(
                "no part of a table goes by the name of this sheet",
                where=f"{path.name}: {clip(name, 40)}!A1",
                expected=expected,
                mend=f"{mend}; a sheet whose name begins with {COMMENT} is passed over",
            )
    return _Reading(book, wanted).table()


class _Reading:
    """One workbook: its sheets as figures on their labels."""

    def __init__(self, book: Book, wanted: Wanted) -> None:
        self.book, self.wanted = book, wanted
        self.notes: list[Change] = []
        self.about = self._about()
        self.products = self._labels("products")
        self.industries = self._labels("industries") if self._grid("industries") else self.products

    def table(self) -> FlowTable:
        """Put the parts together."""
        uses, imported_columns = self._final_uses()
        n = {"product": self.products.codes, "industry": self.industries.codes, "final use": [u.code for u in uses]}
        self._require_cells(n, uses)
        use, final = self._needed("use", n), self._needed("final", n)
        added_rows, added = self._value_added()
        use_imported, final_imported = self._two("use_imported", "final_imported", n)
        imports, partners = self._imports()
        if self.about["use_holds"] == "domestic" and use_imported is not None and final_imported is not None:
            use, final = use + use_imported, final + final_imported
        imports, partners = self._imports_of(
            imports, partners, use_imported, final_imported, final, uses, imported_columns
        )
        keep = [k for k in range(len(uses)) if k not in imported_columns]
        supply = self._supply(n, use, added)
        tables: dict[str, ProductTable] = {}
        for name, key in (("purposes", "needs"), ("investment_by_industry", "investment_by_industry")):
            if (found := self._free_columns(name)) is not None:
                tables[key] = ProductTable(*found, cast(Valuation, self.about["valuation"]))
        satellites = {}
        for name, kind in (("jobs", "labour"), ("resources", "resource"), ("capital", "capital")):
            if self._grid(name) is not None:
                labels, figures, changes = without_total(*self._free_rows(name), name)
                self.notes.extend(changes)
                satellites[name] = Satellite(labels, figures, kind)  # type: ignore[arg-type]
        layers = self._free_columns("supply_columns")
        table = FlowTable(
            self._source(),
            self.products,
            self.industries,
            supply,
            use,
            tuple(uses[k] for k in keep),
            final[:, keep],
            added_rows,
            added,
            imports=imports,
            partners=partners,
            use_imported=use_imported,
            final_imported=None if final_imported is None else final_imported[:, keep],
            supply_columns={} if layers is None else dict(zip(layers[0].codes, layers[1].T.copy(), strict=True)),
            valuation=cast(Valuation, self.about["valuation"]),
            satellites=satellites,
            tables=tables,
            provenance=tuple(self.notes),
        )
        refuse_slips(table, self.book.path.name)
        return table

    # --- value added, and what is asked about it -------------------------------------------------

    def _value_added(self) -> tuple[Labels, Figures]:
        """Rows of inputs that are no product, under codes that say what each is.

        Raises
        ------
        Questions
            For rows whose kind the sheet does not say, and neither does a code or name of the standards.
        """
        grid = self._grid("value_added")
        kinds: list[str] = []
        if isinstance(grid, SheetGrid) and grid.header[1:2] == ["kind"]:
            for row in range(1, len(grid.rows)):
                kinds.append(grid.text(row, 1))
                if kinds[-1] and kinds[-1] not in CODES:
                    expected, mend = unknown_label(kinds[-1], list(CODES), "kind")
                    where = grid.place(row, 1)
                    raise TableError(
                        "unknown kind of input", where=where, found=kinds[-1], expected=expected, mend=mend
                    )
            grid = grid.without(1)
        labels, figures = self._free_rows("value_added", grid)
        kinds = kinds or [""] * len(labels.codes)
        questions: list[dict[str, object]] = []
        codes: list[str] = []
        for k, (label, kind) in enumerate(zip(labels.codes, kinds, strict=True)):
            found = kind or known_kind(label)
            if found is None:
                total = figures.sum(axis=0) - figures[k]
                if len(labels.codes) >= 3 and np.allclose(total, figures[k], rtol=1e-5, atol=1e-9):
                    found = "value_added"  # the sum of the others, left out below
                else:
                    questions.append(self._question(k + 1, label))
                    continue
            codes.append(code_of(found, label, codes))
        if questions:
            raise Questions(questions, mend="write the kind of each row into a column `kind`, the second of the sheet")
        labels, figures, changes = without_total(Labels(tuple(codes), labels.names), figures, "value_added")
        self.notes.extend(changes)
        return labels, figures

    def _question(self, row: int, label: str) -> dict[str, object]:
        guess = suggested_kind(label)
        hint = f"; its words suggest {guess}, which has to be confirmed" if guess else ""
        return {
            "where": f"{self.book.path.name}: value_added!A{row + 1}",
            "what": f"what is the row {clip(label)}?{hint}",
            "choices": list(CODES),
        }

    # --- all that is wrong with cells, at once ---------------------------------------------------

    def _require_cells(self, n: Codes, uses: list[FinalUse]) -> None:
        """Tell all cells that are no figures, and all names in place of codes, of every sheet in one message."""
        bad: list[tuple[str, str]] = []
        names = {
            "product": dict(zip(self.products.names, self.products.codes, strict=True)),
            "industry": dict(zip(self.industries.names, self.industries.codes, strict=True)),
            "final use": {u.name: u.code for u in uses},
        }
        swapped: list[tuple[str, str, str]] = []
        for sheet, part in SHEETS.items():
            grid = self._grid(sheet)
            if grid is None or "value" in grid.header or not isinstance(grid, SheetGrid):
                continue
            first = 2 if grid.header[1:2] == ["kind"] else 1
            sides = [(part.rows, [(r, 0) for r in range(1, len(grid.rows))])]
            sides.append((part.columns, [(0, c) for c in range(first, len(grid.rows[0]))]))
            for kind, places in sides:
                for r, c in places if kind in n else ():
                    label = str(grid.rows[r][c]).strip()
                    code = names[kind].get(label) if label not in n[kind] else None
                    if code is not None and label:
                        swapped.append((grid.place(r, c), label, code))
            for r in range(1, len(grid.rows)):
                for c in range(first, len(grid.rows[r])):
                    cell = grid.rows[r][c]
                    if isinstance(cell, str) and cell.strip():
                        bad.append((grid.place(r, c), cell.strip()))
        if swapped:
            where, label, code = swapped[0]
            cells = ", ".join(f"{w.rpartition(': ')[2]}: {name!r} is {own!r}" for w, name, own in swapped[:12])
            raise TableError(
                "names stand in place of codes" if len(swapped) > 1 else "a name stands in place of a code",
                where=where,
                found=cells + (f" and {len(swapped) - 12} more" if len(swapped) > 12 else ""),
                expected=f"the code, such as {code!r} for {label!r}",
                mend="write the codes of the sheets products, industries and final_uses",
            )
        if len(bad) > 1:
            raise bad_cells(
                bad, lambda sign: f"replace {sign!r} by 0 in these cells, if it means zero (Find and Replace)"
            )

    # --- words -----------------------------------------------------------------------------------

    def _grid(self, name: str) -> Grid | None:
        return self.book.grid(name) if name in self.book.sheets else None

    def _where(self, sheet: str) -> str:
        return f"{self.book.path.name}: {sheet}!A1"

    def _about(self) -> dict[str, str]:
        grid = self._grid("about")
        if grid is None or grid.header[:2] != ["key", "value"]:
            raise TableError(
                "the sheet about does not say whose table this is",
                where=self._where("about"),
                expected="columns key and value",
                mend="take it from our template",
            )
        out = {key: default for key, (_, default, _) in ABOUT.items()}
        for row in range(1, len(grid.rows)):
            key = grid.text(row, 0)
            if key not in ABOUT:
                expected, mend = unknown_label(key, list(ABOUT), "key")
                raise TableError(f"unknown key {clip(key)}", where=grid.place(row, 0), expected=expected, mend=mend)
            if grid.rows[row][1] != "":
                out[key] = str(grid.year(row, 1)) if key == "year" else grid.text(row, 1)
        for key, allowed in (("format", (FORMAT,)), ("valuation", VALUATIONS), ("use_holds", USE_HOLDS)):
            if out[key] not in allowed:
                raise TableError(
                    f"{key} is not understood",
                    where=self._where("about"),
                    found=clip(out[key]),
                    expected=" or ".join(allowed),
                    mend="write one of them",
                )
        for key, (needed, _, _) in ABOUT.items():
            if needed and not out[key]:
                raise TableError(f"{key} is missing", where=self._where("about"), mend=f"fill in the value of {key}")
        if self.wanted.year is not None and str(self.wanted.year) != out["year"]:
            raise TableError(
                "the table is of another year",
                where=self._where("about"),
                found=out["year"],
                expected=str(self.wanted.year),
                mend="leave --year out",
            )
        return out

    def _source(self) -> Source:
        a = self.about
        return Source(a["name"], a["title"] or a["name"], int(a["year"]), a["money"], a["publisher"], a["licence"])

    def _labels(self, sheet: str) -> Labels:
        grid = self._grid(sheet)
        if grid is None:
            raise TableError(
                f"the sheet {sheet} is missing or empty", where=self._where(sheet), mend="list code and name of each"
            )
        header = grid.header
        if header[0] != "code" or not set(header) <= {"code", "name", "unit", "kind", "partner"}:
            raise TableError(
                "columns of a label sheet are not understood",
                where=grid.place(0),
                found=grid.shown(0),
                expected="code, name",
                mend="name the columns as expected",
            )
        names = grid.column(header.index("name")) if "name" in header else []
        try:
            return Labels(tuple(grid.column(0)), tuple(names))
        except LabelError as e:
            raise TableError(e.what, where=grid.name, found=e.found, expected=e.expected, mend=e.mend) from None

    def _final_uses(self) -> tuple[list[FinalUse], list[int]]:
        """The columns of final use, and the positions of those that are imports printed as negative use."""
        labels, grid = self._labels("final_uses"), self._grid("final_uses")
        assert grid is not None
        header = grid.header
        if "kind" not in header:
            raise TableError(
                "the column kind is missing",
                where=grid.place(0),
                found=grid.shown(0),
                expected="code, name, kind",
                mend="say what each column is for",
            )
        uses, imports = [], []
        for k, (code, name) in enumerate(zip(labels.codes, labels.names, strict=True)):
            kind = grid.text(k + 1, header.index("kind"))
            if kind not in (*KINDS, IMPORTS):
                expected, mend = unknown_label(kind, [*KINDS, IMPORTS], "kind")
                raise TableError(
                    "unknown kind of final use",
                    where=grid.place(k + 1, header.index("kind")),
                    found=clip(kind),
                    expected=expected,
                    mend=mend,
                )
            partner = grid.text(k + 1, header.index("partner")) if "partner" in header else ""
            if kind == IMPORTS:
                imports.append(k)
            uses.append(FinalUse(code, name, "adjustment" if kind == IMPORTS else cast(Kind, kind), partner=partner))
        return uses, imports

    # --- figures ---------------------------------------------------------------------------------

    def _needed(self, sheet: str, labels: Codes) -> Figures:
        found = self._figures(sheet, labels)
        if found is None:
            raise TableError(
                f"the sheet {sheet} is missing or empty",
                where=self._where(sheet),
                expected=SHEETS[sheet].meaning,
                mend="fill it in",
            )
        return found

    def _figures(self, sheet: str, labels: Codes) -> Figures | None:
        grid = self._grid(sheet)
        if grid is None:
            return None
        part = SHEETS[sheet]
        return read_grid(grid, (part.rows, part.columns), labels, yearly=False, is_bool=False)[0]

    def _two(self, one: str, two: str, labels: Codes) -> tuple[Figures | None, ...]:
        a, b = self._figures(one, labels), self._figures(two, labels)
        if (a is None) != (b is None):
            lacks = one if a is None else two
            raise TableError(
                f"the sheet {lacks} is missing or empty",
                where=self._where(lacks),
                mend=f"give both {one} and {two}, or neither",
            )
        return a, b

    def _free_rows(self, sheet: str, grid: Grid | None = None) -> tuple[Labels, Figures]:
        """Rows whose labels the sheet itself names, by industry."""
        grid = grid or self._grid(sheet)
        if grid is None:
            raise TableError(
                f"the sheet {sheet} is missing or empty",
                where=self._where(sheet),
                expected=SHEETS[sheet].meaning,
                mend="fill it in",
            )
        rows = grid.column(0)
        figures, _ = read_grid(
            grid, ("row", "industry"), {"row": rows, "industry": self.industries.codes}, yearly=False, is_bool=False
        )
        return Labels(tuple(rows), tuple(rows)), figures

    def _free_columns(self, sheet: str) -> tuple[Labels, Figures] | None:
        """Columns whose labels the sheet itself names, by product."""
        grid = self._grid(sheet)
        if grid is None:
            return None
        columns = grid.header[1:]
        figures, _ = read_grid(
            grid,
            ("product", "column"),
            {"product": self.products.codes, "column": columns},
            yearly=False,
            is_bool=False,
        )
        return Labels(tuple(columns), tuple(columns)), figures

    def _imports(self) -> tuple[Figures | None, Labels]:
        found = self._free_columns("imports")
        world = Labels(("world",), ("Rest of the world",))
        return (None, world) if found is None else (found[1], found[0])

    def _imports_of(
        self,
        imports: Figures | None,
        partners: Labels,
        use_imported: Figures | None,
        final_imported: Figures | None,
        final: Figures,
        uses: list[FinalUse],
        columns: list[int],
    ) -> tuple[Figures | None, Labels]:
        """Imports by product: their own sheet, columns of final use below zero, or the imported parts added up."""
        if imports is not None and columns:
            raise TableError(
                "imports stand twice",
                where=self._where("imports"),
                found="the sheet imports, and final uses of kind imports",
                mend="keep one of the two",
            )
        if columns:
            figures = final[:, columns]
            if figures.max(initial=0.0) > 0:
                at = int(np.argmax(figures.max(axis=1)))
                raise TableError(
                    "imports in final use must not be above zero",
                    where=f"{self.book.path.name}: final",
                    found=f"row {self.products.codes[at]}",
                    mend="write imports with a minus sign, or give the sheet imports",
                )
            self.notes.append(
                Change(
                    "imports",
                    "final",
                    f"{', '.join(uses[k].code for k in columns)}: imports printed "
                    "as final use below zero became supply",
                    float(-figures.sum()),
                )
            )
            codes = tuple(uses[k].partner or ("world" if len(columns) == 1 else uses[k].code) for k in columns)
            return -figures, Labels(codes, tuple(uses[k].name for k in columns))
        if imports is None and use_imported is not None and final_imported is not None:
            total = use_imported.sum(axis=1) + final_imported.sum(axis=1)
            self.notes.append(
                Change(
                    "imports",
                    "use_imported, final_imported",
                    "imports by product are what was used of them",
                    float(total.sum()),
                )
            )
            return total[:, None], partners
        return imports, partners

    def _supply(self, labels: Codes, use: Figures, added: Figures) -> Figures:
        found = self._figures("supply", labels)
        if found is not None:
            return found
        if self.products.codes != self.industries.codes:
            raise TableError(
                "the sheet supply is missing",
                where=self._where("supply"),
                expected="what each industry makes, since products and industries are not the same",
                mend="give the supply (make) table, or the same codes for both",
            )
        output = use.sum(axis=0) + added.sum(axis=0)
        self.notes.append(
            Change(
                "output",
                "supply",
                "output of an industry is what it spends: its column added up",
                float(output.sum()),
                why="the workbook has no supply table",
            )
        )
        return np.diag(output)


READER = Reader("office", "Table workbook: use, final, value_added and more as sheets of one .xlsx file", guess, read)
