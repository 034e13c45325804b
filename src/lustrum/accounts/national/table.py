"""FlowTable: a supply-use or input-output table in base-year flows, the form between a reader and an `Economy`.

Readers make one; balancing, projection, aggregation and extraction of a region return a changed one; and
`lustrum.accounts.assemble` makes an economy of it. Rows are products, columns activities: a symmetric table is the case
of one activity per product whose supply is diagonal.

An economy's base year is such a table too: `flows_of` multiplies coefficients by base-year quantities, `put_back`
divides again (equation (1) of docs/model.md at x0). Figures that changed flows do not touch stay digit for digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lustrum.accounts.checks.report import figures_or_zero, in_money
from lustrum.accounts.economy import Economy, Labels, Source
from lustrum.accounts.provenance import Change
from lustrum.errors import LabelError, TableError

Figures = NDArray[np.float64]

#: What a column of final use is for. `adjustment` closes rows (CIF/FOB, duties, rounding) and serves no one.
Kind = Literal[
    "household", "nonprofit", "government", "investment", "inventories", "valuables", "exports", "adjustment"
]
KINDS: tuple[Kind, ...] = (
    "household",
    "nonprofit",
    "government",
    "investment",
    "inventories",
    "valuables",
    "exports",
    "adjustment",
)

#: `basic`: producers' receipts. `producer`: with taxes on products. `purchaser`: with margins and taxes.
Valuation = Literal["basic", "producer", "purchaser"]


@dataclass(frozen=True)
class FinalUse:
    """A column of final use. `region` is where it is used (world tables); `partner` where exports go."""

    code: str
    name: str
    kind: Kind
    region: str = ""
    partner: str = ""


@dataclass(frozen=True, eq=False)
class Satellite:
    """Figures beside the table, by activity: jobs, hours, CO2, land. `kind` says what an economy makes of them."""

    labels: Labels
    figures: Figures  # (rows, activities)
    kind: Literal["labour", "resource", "capital", "investment", "depreciation", "other"] = "other"


@dataclass(frozen=True, eq=False)
class ProductTable:
    """Figures beside the table, by product and something else: consumption by purpose, investment by industry.

    `labels` are the columns, which need not be activities of the table; `valuation` is that of the figures.
    """

    labels: Labels
    figures: Figures  # (products, columns)
    valuation: Valuation = "basic"


@dataclass(frozen=True, eq=False)
class FlowTable:
    """A table of flows of one year, in one currency.

    Parameters
    ----------
    source
        Name, year, money unit, publisher.
    products, activities
        Labels of rows and columns; `regions` filled in world tables.
    supply
        (i, j) output of product i by activity j. Diagonal for a symmetric table.
    use
        (i, j) intermediate use of product i by activity j, domestic and imported together.
    final_uses, final
        Columns of final use, and (i, c) figures, domestic and imported together.
    value_added_rows, value_added
        Labels, and (v, j) primary inputs: wages, surplus, taxes, also purchases that have no product row.
    imports
        (i, p) imports of every product by partner; rows of `partners`. None: the table has no imports by
        product at all, or (world tables) every import is another region's product.
    partners
        Where `imports` come from; one, `world`, unless the source says more.
    use_imported, final_imported
        The imported part of `use` and `final` where the source gives it; None where it is not known.
    supply_columns
        (i,) what stands between supply at basic prices and use at the table's prices: trade and transport
        margins, taxes less subsidies on products. Empty at basic prices.
    valuation
        Prices of `use` and `final`. `supply` is at basic prices always.
    satellites
        Figures by activity beside the table, by name.
    tables
        Figures by product beside the table, by name: "needs" (household consumption by purpose) and
        "investment_by_industry" (fixed capital formation by investing industry).
    provenance
        What was done to the published figures so far.

    Raises
    ------
    LabelError, TableError
        If shapes do not fit the labels, or a figure is not finite.
    """

    source: Source
    products: Labels
    activities: Labels
    supply: Figures
    use: Figures
    final_uses: tuple[FinalUse, ...]
    final: Figures
    value_added_rows: Labels
    value_added: Figures
    imports: Figures | None = None
    partners: Labels = field(default_factory=lambda: Labels(("world",), ("Rest of the world",)))
    use_imported: Figures | None = None
    final_imported: Figures | None = None
    supply_columns: Mapping[str, Figures] = field(default_factory=dict)
    valuation: Valuation = "basic"
    satellites: Mapping[str, Satellite] = field(default_factory=dict)
    tables: Mapping[str, ProductTable] = field(default_factory=dict)
    provenance: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        i, j = len(self.products.codes), len(self.activities.codes)
        c, v, p = len(self.final_uses), len(self.value_added_rows.codes), len(self.partners.codes)
        shapes: dict[str, tuple[Figures | None, tuple[int, ...]]] = {
            "supply": (self.supply, (i, j)),
            "use": (self.use, (i, j)),
            "final": (self.final, (i, c)),
            "value_added": (self.value_added, (v, j)),
            "imports": (self.imports, (i, p)),
            "use_imported": (self.use_imported, (i, j)),
            "final_imported": (self.final_imported, (i, c)),
            **{name: (column, (i,)) for name, column in self.supply_columns.items()},
            **{name: (s.figures, (len(s.labels.codes), j)) for name, s in self.satellites.items()},
            **{name: (t.figures, (i, len(t.labels.codes))) for name, t in self.tables.items()},
        }
        for name, (figures, shape) in shapes.items():
            if figures is None:
                continue
            if figures.shape != shape:
                raise LabelError(f"{name} does not fit its labels", found=str(figures.shape), expected=str(shape))
            if not np.isfinite(figures).all():
                at = tuple(int(k) for k in np.argwhere(~np.isfinite(figures))[0])
                raise TableError(f"{name} holds what is no finite number", where=f"{name}{list(at)}")
            figures.setflags(write=False)
        if (self.use_imported is None) != (self.final_imported is None):
            raise TableError(
                "the imported part is known of one of use and final only",
                where=self.source.name,
                mend="give both use_imported and final_imported, or neither",
            )

    # --- what follows from the figures -----------------------------------------------------------

    @property
    def symmetric(self) -> bool:
        """One activity per product, supply diagonal."""
        if self.products.codes != self.activities.codes:
            return False
        return not np.any(self.supply - np.diag(np.diagonal(self.supply)))

    @property
    def output(self) -> Figures:
        """(j,) output of activities at basic prices."""
        return np.asarray(self.supply.sum(axis=0))

    def columns(self, *kinds: Kind) -> list[int]:
        """Positions of the columns of final use of these kinds."""
        return [k for k, use in enumerate(self.final_uses) if use.kind in kinds]

    def final_of(self, *kinds: Kind) -> Figures:
        """(i,) final use of these kinds together."""
        return np.asarray(self.final[:, self.columns(*kinds)].sum(axis=1))

    @property
    def total_imports(self) -> Figures:
        """(i,) imports of all partners; zeros where the table has none by product."""
        return np.zeros(len(self.products.codes)) if self.imports is None else np.asarray(self.imports.sum(axis=1))

    def row_residuals(self) -> Figures:
        """(i,) supply + imports + supply columns − use − final: zero where the table closes."""
        extra = sum((np.asarray(c) for c in self.supply_columns.values()), np.zeros(len(self.products.codes)))
        return np.asarray(
            self.supply.sum(axis=1) + self.total_imports + extra - self.use.sum(axis=1) - self.final.sum(axis=1)
        )

    def column_residuals(self) -> Figures:
        """(j,) output − intermediate use − value added: zero where the table closes."""
        return np.asarray(self.output - self.use.sum(axis=0) - self.value_added.sum(axis=0))

    # --- changed copies --------------------------------------------------------------------------

    def changed(self, *changes: Change, **new: object) -> FlowTable:
        """Return a copy with attributes replaced and what was done added to the provenance."""
        return replace(self, provenance=(*self.provenance, *changes), **new)  # type: ignore[arg-type]


#: Code of the one row of value added: what output leaves over intermediate use.
VALUE_ADDED = "value_added"
#: Field -> kind of its satellite; flows by activity.
_BESIDE = {"labour_coefficient": "labour", "resource_coefficient": "resource"}


def flows_of(economy: Economy) -> FlowTable:
    """Return the base-year flows of an economy.

    Final uses are `need:CODE` and `asset:CODE` (all households, all activities together), `committed_demand`, and
    `exports:PARTNER`. Value added is one row, output less intermediate use.

    Raises
    ------
    TableError
        Without base output; or where products are not all counted in the accounts' money, since columns could not
        be added up.
    """
    if not economy.has("output"):
        raise TableError(
            "the accounts have no base output: there are no flows",
            where="output.csv",
            mend="give the output of the base year",
        )
    if not in_money(economy):
        raise TableError(
            "columns cannot be added up: products are not all counted in the accounts' money",
            where="products.csv: unit",
            found=economy.source.money or "no money named in economy.yaml",
            expected="money values",
            mend="convert physical rows to money first",
        )
    x0 = economy.values("output")
    supply, use = figures_or_zero(economy, "supply") * x0, figures_or_zero(economy, "use") * x0
    uses, final = _final(economy)
    beside: dict[str, Satellite] = {}
    for name, kind in _BESIDE.items():
        if economy.has(name):
            dim = "skill" if kind == "labour" else "resource"
            beside[name] = Satellite(economy.sets[dim], figures_or_zero(economy, name) * x0, kind)  # type: ignore[arg-type]
    for name, kind in (("capital_stock", "capital"), ("investment", "investment")):
        if economy.has(name):
            beside[name] = Satellite(economy.sets["asset"], economy.values(name), kind)  # type: ignore[arg-type]
    return FlowTable(
        source=economy.source,
        products=economy.sets["product"],
        activities=economy.sets["activity"],
        supply=supply,
        use=use,
        final_uses=uses,
        final=final,
        value_added_rows=Labels((VALUE_ADDED,), ("Value added",)),
        value_added=(supply.sum(axis=0) - use.sum(axis=0))[None, :],
        imports=economy.value_or("imports", 0.0) if economy.has("imports") else None,
        partners=economy.sets.get("partner", Labels(("world",), ("Rest of the world",))),
        satellites=beside,
        provenance=economy.provenance,
    )


def _final(economy: Economy) -> tuple[tuple[FinalUse, ...], Figures]:
    uses: list[FinalUse] = []
    columns: list[Figures] = []

    def add(code: str, name: str, kind: Kind, column: Figures, partner: str = "") -> None:
        uses.append(FinalUse(code, name, kind, partner=partner))
        columns.append(column)

    if economy.has("need_composition", "consumption"):
        spent = economy.values("consumption").sum(axis=0)
        mix = figures_or_zero(economy, "need_composition")
        for g, code in enumerate(economy.codes("need")):
            add(f"need:{code}", economy.name_of("need", code), "household", mix[:, g] * spent[g])
    if economy.has("asset_composition", "investment"):
        built = economy.values("investment").sum(axis=1)
        for a, code in enumerate(economy.codes("asset")):
            column = economy.values("asset_composition")[:, a] * built[a]
            add(f"asset:{code}", economy.name_of("asset", code), "investment", column)
    if economy.has("committed_demand"):
        add("committed_demand", "Committed demand", "government", figures_or_zero(economy, "committed_demand"))
    if economy.has("exports"):
        for p, code in enumerate(economy.codes("partner")):
            name = f"Exports to {economy.name_of('partner', code)}"
            add(f"exports:{code}", name, "exports", economy.values("exports")[:, p], code)
    if not uses:
        raise TableError(
            "the accounts have no final demand",
            where=economy.source.name,
            mend="give consumption, committed_demand or exports",
        )
    return tuple(uses), np.column_stack(columns)


def put_back(economy: Economy, table: FlowTable, year: int | None = None) -> Economy:
    """Return the economy with the flows of a changed table (same labels, from `flows_of`).

    Base output follows the supply of each activity, coefficients per unit of it; the mix of needs and assets and
    their totals follow their columns. Activities without base output keep their coefficients. Figures that carry
    years move in every year by the ratio of their base-year figures.

    Parameters
    ----------
    year
        New base year; the old one if left out.
    """
    old = flows_of(economy)
    if (table.products.codes, table.activities.codes) != (old.products.codes, old.activities.codes):
        raise TableError(
            "the table has other labels than the economy",
            where=economy.source.name,
            mend="put back a table made from this economy",
        )
    x0 = economy.values("output")
    made, before = table.output, old.output
    x = np.where(made == before, x0, x0 * np.divide(made, before, out=np.ones_like(made), where=before != 0))
    data = dict(economy.data)
    data["output"] = _with(data["output"], x)
    for name, new, was in (("supply", table.supply, old.supply), ("use", table.use, old.use)):
        held = figures_or_zero(economy, name)
        per = np.divide(new, x, out=held.copy(), where=x > 0)
        _replace(data, name, np.where((new == was) & (x == x0), held, per), held)
    for k, final in enumerate(table.final_uses):
        if not np.array_equal(table.final[:, k], old.final[:, k]):
            _final_back(economy, data, final, table.final[:, k], old.final[:, k])
    if table.imports is not None and old.imports is not None and not np.array_equal(table.imports, old.imports):
        data["imports"] = _with(data["imports"], table.imports)
    source = economy.source if year is None else replace(economy.source, base_year=year)
    return Economy(source, economy.sets, data, table.provenance)


def _final_back(economy: Economy, data: dict[str, xr.DataArray], use: FinalUse, new: Figures, old: Figures) -> None:
    """Put one column of final use back: a mix and a total, or the figures themselves."""
    what, _, code = use.code.partition(":")
    if what in ("need", "asset"):
        mix_name, amounts = (
            ("need_composition", "consumption") if what == "need" else ("asset_composition", "investment")
        )
        at = economy.codes(what).index(code)
        total, before = float(new.sum()), float(old.sum())
        if before <= 0 or total < 0:
            raise TableError(
                f"{what} {code!r} cannot be scaled",
                where=use.code,
                found=f"total {before:g} to {total:g}",
                mend="give it a base-year figure above zero",
            )
        held = figures_or_zero(economy, mix_name)
        mix = held.copy()
        if total > 0:
            # columns that did not add up to one in the accounts keep their sum
            mix[:, at] = new / total * held[:, at].sum()
        _replace(data, mix_name, mix, figures_or_zero(Economy(economy.source, economy.sets, data), mix_name), column=at)
        figures = np.array(data[amounts].values)
        index = (slice(None), at) if what == "need" else (at, slice(None))
        figures[index] *= total / before
        data[amounts] = _with(data[amounts], figures)
    elif what == "committed_demand":
        _replace(data, "committed_demand", new, figures_or_zero(economy, "committed_demand"))
    else:
        figures = np.array(data["exports"].values)
        figures[:, economy.codes("partner").index(code)] = new
        data["exports"] = _with(data["exports"], figures)


def _replace(data: dict[str, xr.DataArray], name: str, new: Figures, old: Figures, column: int | None = None) -> None:
    """Replace base-year figures; figures by year move by the same ratio."""
    array = data[name]
    if column is not None:
        kept = old.copy()
        kept[:, column] = new[:, column]
        new = kept
    if "year" in array.dims:
        ratio = np.divide(new, old, out=np.ones_like(new), where=old != 0)
        data[name] = _with(array, np.asarray(array.values) * ratio[..., None])
    else:
        data[name] = _with(array, new)


def _with(array: xr.DataArray, figures: Figures) -> xr.DataArray:
    return array.copy(data=np.array(figures, dtype=float))
