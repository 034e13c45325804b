"""FlowTable: a supply-use or input-output table in base-year flows, the form between a reader and an `Economy`.

Readers make one; balancing, projection, aggregation and extraction of a region return a changed one; and
`lustrum.accounts.assemble` makes an economy of it. Rows are products, columns activities: a symmetric table is the case
of one activity per product whose supply is diagonal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lustrum.accounts.economy import Labels, Source
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
