"""The generic reader: a file of an office and its mapping make a `FlowTable`, reconciled with every printed total.

The mapping is given (`--map import.yaml`), or shipped as one of `accounts/layouts` and recognised by sheets and
cells. Each total that the source prints is compared with the figures that were read, and each block of the finished
table with what was read of it. A difference beyond rounding is an error, unless the mapping states it as the
publisher's own, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.table import KINDS, FinalUse, FlowTable, Kind, Satellite
from lustrum.accounts.provenance import Change
from lustrum.accounts.readers.adjustments import least_secondary, without_visitors
from lustrum.accounts.readers.mapped_cells import PRODUCTS, Key, Pool, opened, read_pool
from lustrum.accounts.readers.mapping import BESIDE, PRIMARY, ImportMap, mapping_of
from lustrum.accounts.readers.primary_rows import code_of
from lustrum.accounts.readers.raw_sheets import TEXTS, WORKBOOKS, RawFile, fits, plain, position
from lustrum.accounts.readers.reconciliation import Total, carried_totals, closing_totals, printed_totals, unexplained
from lustrum.accounts.readers.seam import Reader, Wanted
from lustrum.accounts.readers.slips import refuse_slips
from lustrum.errors import TableError

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Imported:
    """A table, the totals it was compared with, and the mapping that read it."""

    table: FlowTable
    reconciliation: tuple[Total, ...]
    mapping: ImportMap


def read_mapped(path: Path, mapping: ImportMap, wanted: Wanted) -> Imported:
    """Read a file or folder with a mapping.

    Raises
    ------
    Questions
        Rows or columns that the mapping does not name.
    TableError
        What cannot be read, parts that are missing, and totals that nothing explains.
    """
    if mapping.lacks:
        raise TableError(
            "this is no whole table",
            where=path.name,
            found=(mapping.title or mapping.name).replace(", {year}", ""),
            mend=plain(mapping.lacks),
        )
    pool = read_pool(mapping, path, wanted.year)
    totals = list(printed_totals(pool))
    table = _Assembly(pool, mapping, path).table()
    refuse_slips(table, "; ".join(pool.places))
    totals += carried_totals(pool, table)
    wrong = [t for t in totals if not t.agrees and not t.why]
    if wrong:
        raise unexplained(wrong, len(totals))
    totals += closing_totals(pool, table, mapping)
    notes = [
        Change(
            "totals",
            "; ".join(pool.places),
            f"{sum(t.count for t in totals):,} totals of the source were compared with what was imported: the largest "
            f"difference is {max((abs(t.difference) for t in totals), default=0.0):,.6g}",
            why="totals are a check, not data",
        )
    ]
    for t in totals:
        if not t.agrees:
            notes.append(
                Change(
                    "as published", t.where, f"{t.total} differs by {t.difference:,.6g}", abs(t.difference), why=t.why
                )
            )
    return Imported(table.changed(*notes), tuple(totals), mapping)


# --- the table -----------------------------------------------------------------------------------


class _Assembly:
    """One table put together from the figures of a pool."""

    def __init__(self, pool: Pool, mapping: ImportMap, path: Path) -> None:
        self.pool, self.mapping, self.path = pool, mapping, path
        self.notes: list[Change] = []
        codes = pool.codes("rows", *PRODUCTS) or pool.codes("columns", "product")
        industries = pool.codes("columns", "industry") or pool.codes("rows", "industry")
        for found, what in ((codes, "products"), (industries, "industries")):
            if not found:
                raise TableError(
                    f"the mapping names no {what}",
                    where=path.name,
                    mend="say which rows are products and which columns industries",
                )
        if set(codes) == set(industries):
            industries = codes
        self.products, self.industries = codes, industries
        self.uses = [k for k in pool.columns if k[0] in KINDS]
        if not self.uses:
            raise TableError(
                "this is no whole table: no column is final use",
                where=path.name,
                expected="households, government, investment, exports",
                mend="name the columns of final use, or give the file that has them",
            )
        self.symmetric = codes == industries
        self.across = [("industry", c) for c in self.industries]

    def table(self) -> FlowTable:
        """The finished table."""
        p, n = self.products, len(self.industries)
        pool = self.pool
        own, abroad = [("product", c) for c in p], [("imported_product", c) for c in p]
        use, final = pool.block(own, self.across), pool.block(own, self.uses)
        use_imported: Figures | None = None
        final_imported: Figures | None = None
        has_imported = any(k[0] == "imported_product" for k in pool.rows)
        domestic = pool.domestic
        if has_imported or domestic:
            use_imported, final_imported = pool.block(abroad, self.across), pool.block(abroad, self.uses)
            if domestic:
                use, final = use + use_imported, final + final_imported
        imports, partners, final, final_imported, uses = self._imports(
            final, use_imported if has_imported else None, final_imported
        )
        primary, added = self._primary()
        supply = self._supply(use, added)
        outside = [k for k in pool.rows if k[0] == "imports" and np.any(np.nan_to_num(self._row(k)))]
        codes = [*p, *(k[1] for k in outside)]
        if outside:
            use, final, use_imported, final_imported, imports, partners = self._outside(
                outside, use, final, use_imported, final_imported, imports, partners
            )
            supply = np.vstack([supply, np.zeros((len(outside), n))])
            has_imported = True
        names = [self._name(("product", c), ("imported_product", c), ("made_product", c), ("product", c)) for c in p]
        names += [pool.names.get(k, "") for k in outside]
        layers = {}
        for role, name in (("margins", "margins"), ("taxes_on_products", "taxes")):
            columns = [k for k in pool.columns if k[0] == role]
            if columns:
                both = pool.block([("made_product", c) for c in p], columns) + pool.block(own, columns)
                layers[name] = np.concatenate([both.sum(axis=1), np.zeros(len(outside))])
        if self.mapping.visitors_in_one_product:
            final, changes = without_visitors(final, final_imported, uses, codes)
            self.notes.extend(changes)
        source = self._source()
        table = FlowTable(
            source,
            Labels(tuple(codes), tuple(names)),
            Labels(tuple(self.industries), tuple(self._name(k, ("industry", k[1])) for k in self.across)),
            supply,
            use,
            uses,
            final,
            primary,
            added,
            imports=imports,
            partners=partners,
            use_imported=use_imported if has_imported or domestic else None,
            final_imported=final_imported if has_imported or domestic else None,
            supply_columns=layers,
            valuation=self.mapping.prices,
            satellites=self._beside(),
            provenance=tuple(self.notes),
        )
        if float(np.abs(table.output).sum()) <= 0:
            raise TableError("the table has no output", where=self.path.name, mend="look at the year and the sheet")
        return table

    def _row(self, key: Key) -> Figures:
        return np.asarray(self.pool.figures[self.pool.rows.index(key)])

    def _name(self, *keys: Key) -> str:
        return next((n for k in keys if (n := self.pool.names.get(k, ""))), "")

    def _source(self) -> Source:
        m = self.mapping
        year = self.pool.year
        title = (m.title or m.name or self.path.stem).replace("{year}", str(year))
        return Source(
            (m.name or "-".join(plain(self.path.stem).lower().split())).replace("{year}", str(year)),
            title,
            year,
            m.money,
            m.publisher,
            m.licence,
            tuple(m.notes),
        )

    def _final_uses(self) -> tuple[FinalUse, ...]:
        out, seen = [], set()
        for kind, code in self.uses:
            own = code if code not in seen else f"{kind}_{code}"
            seen.add(own)
            line = self.pool.lines[kind, code]
            out.append(FinalUse(own, self.pool.names[kind, code], _kind(kind), partner=line.partner))
        return tuple(out)

    def _imports(
        self, final: Figures, use_imported: Figures | None, final_imported: Figures | None
    ) -> tuple[Figures | None, Labels, Figures, Figures | None, tuple[FinalUse, ...]]:
        """Imports by product and partner: a column of their own, the imported parts added up, or none."""
        uses = self._final_uses()
        columns = [k for k in self.pool.columns if k[0] == "imports"]
        world = Labels(("world",), ("Rest of the world",))
        summed = None
        if use_imported is not None and final_imported is not None:
            summed = use_imported.sum(axis=1) + final_imported.sum(axis=1)
        if not columns:
            return (None if summed is None else summed[:, None]), world, final, final_imported, uses
        p = self.products
        printed = self.pool.block([("product", c) for c in p], columns)
        made = self.pool.block([("made_product", c) for c in p], columns)
        if made.any():
            codes = tuple(self.pool.lines[k].partner or k[1] for k in columns)
            partners = world if len(columns) == 1 else Labels(codes, tuple(self.pool.names[k] for k in columns))
            return made, partners, final, final_imported, uses
        # imports beside final use: what stands there beyond purchases abroad adjusts duties, freight and margins
        net = printed.sum(axis=1)
        imports = np.maximum(net, 0.0) if summed is None else summed
        beyond = imports - net
        if np.abs(beyond).max(initial=0.0) > 1e-9 * max(float(np.abs(net).max(initial=0.0)), 1.0):
            uses = (
                *uses,
                FinalUse("imports_adjustment", "Duties, freight and margins booked with imports", "adjustment"),
            )
            final = np.column_stack([final, beyond])
            if final_imported is not None:
                final_imported = np.column_stack([final_imported, np.zeros(len(p))])
            self.notes.append(
                Change(
                    "duties and freight",
                    ", ".join(k[1] for k in columns),
                    "imports are "
                    + (
                        "the sums of the import matrix"
                        if summed is not None
                        else "what the column holds of purchases abroad"
                    )
                    + "; what it holds beyond them became a column of adjustments",
                    float(np.abs(beyond).sum()),
                    float(imports.sum()),
                    "rows close; nobody abroad is paid for it",
                )
            )
        return imports[:, None], world, final, final_imported, uses

    def _outside(
        self,
        outside: Sequence[Key],
        use: Figures,
        final: Figures,
        use_imported: Figures | None,
        final_imported: Figures | None,
        imports: Figures | None,
        partners: Labels,
    ) -> tuple[Figures, Figures, Figures, Figures, Figures, Labels]:
        """Rows of imports that no product divides become products that are imported only."""
        pool = self.pool
        if clash := {k[1] for k in outside} & set(self.products):
            raise TableError(
                f"{min(clash)!r} is a product and a row of imports too", mend="give the row another code: as"
            )
        more_use, more_final = pool.block(outside, self.across), pool.block(outside, self.uses)
        more_final = np.hstack([more_final, np.zeros((len(outside), final.shape[1] - more_final.shape[1]))])
        zero_use, zero_final = np.zeros_like(use), np.zeros_like(final)
        bought = more_use.sum(axis=1) + more_final.sum(axis=1)
        from_where = [pool.lines[k].partner or partners.codes[0] for k in outside]
        old = np.zeros((len(self.products), len(partners.codes))) if imports is None else imports
        used = list(partners.codes) if old.any() else []
        codes = list(dict.fromkeys([*used, *from_where]))
        names = dict(zip(partners.codes, partners.names, strict=True))
        grown = np.zeros((len(self.products) + len(outside), len(codes)))
        for j, code in enumerate(used):
            grown[: len(self.products), codes.index(code)] = old[:, j]
        for i, code in enumerate(from_where):
            grown[len(self.products) + i, codes.index(code)] = bought[i]
        for k, use_row, final_row in zip(outside, more_use, more_final, strict=True):
            known = "" if final_row.any() else "; the source does not say how much of it final users buy"
            self.notes.append(
                Change(
                    "imports booked as an input",
                    f"{k[1]}: {pool.names[k]}",
                    f"the row became the product {k[1]!r}, which is imported and has no domestic producer{known}",
                    float(np.abs(use_row).sum() + np.abs(final_row).sum()),
                    0.0,
                    "rows and columns close, and foreign exchange is spent on it in the plan",
                )
            )
        return (
            np.vstack([use, more_use]),
            np.vstack([final, more_final]),
            np.vstack([zero_use if use_imported is None else use_imported, more_use]),
            np.vstack([zero_final if final_imported is None else final_imported, more_final]),
            grown,
            Labels(tuple(codes), tuple(names.get(c, c) for c in codes)),
        )

    def _primary(self) -> tuple[Labels, Figures]:
        """Rows of value added and of taxes, under codes that say what they are; parts of final users are noted."""
        pool = self.pool
        keys = [k for k in pool.rows if k[0] in PRIMARY or k[0] == "visitors"]
        if not any(k[0] in PRIMARY and k[0] != "taxes_on_products" for k in keys):
            raise TableError(
                "this is no whole table: it has no value added",
                where=self.path.name,
                expected="rows of wages, surplus, taxes, or value added in one",
                mend="add the sheet or file that has them to the mapping: sectors are matched by their codes",
            )
        codes: list[str] = []
        names: list[str] = []
        rows: list[Figures] = []
        for key in keys:
            role, code = key
            on_use, on_final = pool.block([key], self.across)[0], pool.block([key], self.uses)[0]
            if on_final.any():
                self._beside_final(key, on_final)
            if role == "visitors" and not on_use.any():
                continue
            codes.append(code_of("surplus" if role == "visitors" else role, "" if code == role else code, codes))
            names.append(pool.names[key])
            rows.append(on_use)
        return Labels(tuple(codes), tuple(names)), np.array(rows).reshape(len(rows), len(self.industries))

    def _beside_final(self, key: Key, figures: Figures) -> None:
        amount = float(np.abs(figures).sum())
        at = ", ".join(k[1] for k, v in zip(self.uses, figures, strict=True) if v)
        if key[0] == "visitors":
            self.notes.append(
                Change(
                    "as published",
                    f"{key[1]}: {at}",
                    "purchases of non-residents stay in household consumption: the source does not say of which "
                    "products",
                    amount,
                    amount,
                    "household consumption is that of the territory; exports are smaller by as much",
                )
            )
            return
        if key[0] != "taxes_on_products":
            raise TableError(
                f"final users cannot pay {key[0]}",
                where=f"{self.path.name}: {key[1]}",
                found=f"{amount:,.6g} in {at}",
                mend="the row is something else, or these columns are",
            )
        self.notes.append(
            Change(
                "left out",
                f"{key[1]}: {at}",
                "taxes less subsidies on products, paid by final users, belong to no product",
                amount,
                0.0,
                "final use is at basic prices",
            )
        )

    def _supply(self, use: Figures, added: Figures) -> Figures:
        """(i, j) output: the make table, or the diagonal of a symmetric table, or an estimate that was asked for."""
        pool, p = self.pool, self.products
        made = pool.block([("industry", c) for c in self.industries], [("product", c) for c in p]).T
        made = made + pool.block([("made_product", c) for c in p], self.across)
        if made.any():
            return np.asarray(made)
        output = pool.block([k for k in pool.rows if k[0] == "output"], self.across).sum(axis=0)
        columns = [k for k in pool.columns if k[0] == "output"]
        by_product = pool.block([("product", c) for c in p], columns) + pool.block(
            [("made_product", c) for c in p], columns
        )
        q = by_product.sum(axis=1)
        if self.symmetric:
            if output.any():
                return np.diag(output)
            if q.any():
                return np.diag(q)
            inputs = use.sum(axis=0) + added.sum(axis=0)
            outside = pool.block([k for k in pool.rows if k[0] == "imports"], self.across).sum(axis=0)
            self.notes.append(
                Change(
                    "output",
                    self.path.name,
                    "output of an industry is what it spends: its column added up",
                    float((inputs + outside).sum()),
                    why="the source prints no output",
                )
            )
            return np.diag(inputs + outside)
        if self.mapping.estimate_supply and q.any() and output.any():
            supply, left = least_secondary(q, output, self.path.name)
            self.notes.append(
                Change(
                    "supply matrix",
                    "; ".join(pool.places),
                    "made from output by product and by industry: as much as possible is the industry's own product",
                    left,
                    float(q.sum()),
                    "the source does not print which industry makes which product",
                )
            )
            return supply
        raise TableError(
            "this is no whole table: nothing says what each industry makes",
            where=self.path.name,
            found=f"{len(p)} products, {len(self.industries)} industries with other codes",
            expected="a make or supply table, or the same codes for both",
            mend="add the make table to the mapping, or set row_prefix and column_prefix so that codes are the same",
        )

    def _beside(self) -> dict[str, Satellite]:
        out = {}
        for role in dict.fromkeys(k[0] for k in self.pool.rows if k[0] in BESIDE):
            keys = [k for k in self.pool.rows if k[0] == role]
            labels = Labels(tuple(k[1] for k in keys), tuple(self.pool.names[k] for k in keys))
            out[role] = Satellite(labels, self.pool.block(keys, self.across), BESIDE[role])
        return out


def _kind(kind: str) -> Kind:
    return next(k for k in KINDS if k == kind)


# --- shipped layouts -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def layouts() -> dict[str, ImportMap]:
    """The shipped layouts: name -> mapping."""
    folder = files("lustrum.accounts") / "layouts"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return {f.name.removesuffix(".yaml"): mapping_of(f.read_text(encoding="utf-8"), f.name) for f in found}


def recognised(path: Path) -> tuple[str, ImportMap] | None:
    """The shipped layout that a file or folder fits, if one does."""
    if path.is_dir():
        candidates = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in (*WORKBOOKS, *TEXTS))
        if len(candidates) > 20:
            return None
    elif path.is_file() and path.suffix.lower() in (*WORKBOOKS, *TEXTS):
        candidates = [path]
    else:
        return None
    every = layouts()
    if len(candidates) > 1:  # only a layout of several files means the folder, and not one file in it
        every = {name: m for name, m in every.items() if m.tables and all(t.file for t in m.tables)}
    for file in candidates:
        try:
            raw = opened(file)
        except TableError:
            continue
        for name, mapping in every.items():
            if _recognises(mapping, raw):
                return name, mapping
    return None


def _recognises(mapping: ImportMap, file: RawFile) -> bool:
    known = mapping.recognise
    if known is None or not (known.sheets or known.cells or known.header):
        return False
    if (known.sheets or known.cells) and file.sheets == [""]:
        return False
    if known.file and not any(fits(p, file.path.name) for p in known.file):
        return False
    if not all(any(fits(p, s) for s in file.sheets) for p in known.sheets):
        return False
    if known.header:
        first = file.first_line()
        at = [first.index(w) if w in first else -1 for w in known.header]
        if -1 in at or at != sorted(at):
            return False
    for cell, pattern in known.cells.items():
        sheet, _, place = cell.rpartition("!")
        name = next((s for s in file.sheets if fits(sheet, s)), None)
        if name is None:
            return False
        row, column = position(place)
        grid = file.grid(name)
        if row >= len(grid) or column >= len(grid[row]) or not fits(pattern, plain(grid[row][column])):
            return False
    return True


def guess(path: Path) -> str | None:
    """A file or folder that fits a shipped layout."""
    found = recognised(path)
    if found is None:
        return None
    name, mapping = found
    return f"the layout {name}: {mapping.title.replace('{year}', '').strip(' ,') or name}"


def read_layout(path: Path, wanted: Wanted) -> Imported:
    """Read a file or folder that fits a shipped layout, with its reconciliation."""
    found = recognised(path)
    if found is None:
        raise TableError(
            "no shipped layout fits this file",
            where=str(path),
            expected=", ".join(layouts()),
            mend="write a mapping: lustrum economy import FILE --guess import.yaml",
        )
    return read_mapped(path, found[1], wanted)


def read(path: Path, wanted: Wanted) -> FlowTable:
    """Read a file or folder that fits a shipped layout."""
    return read_layout(path, wanted).table


READER = Reader(
    "layout", "Files of statistical offices as published, by a mapping that ships with the program", guess, read
)
