"""Trade by product and partner, and the transfers that close the base year's exchange (docs/model.md (5), (6))."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.accounts.assemble.clean import Flows
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change


@dataclass(frozen=True)
class Trade:
    """Partners, (i, p) imports and exports, (i,) products exported beyond own output, and the base-year balance."""

    partners: Labels
    imports: Figures
    exports: Figures
    re_export: Figures
    balance: float  # imports less exports


def find_trade(flows: Flows) -> Trade | None:
    """Imports and exports by partner; None where the table has neither."""
    table = flows.table
    columns = [table.final_uses[k] for k in table.columns("exports")]
    if flows.imports.sum() <= 0 and flows.exports.sum() <= 0:
        return None
    partners = list(table.partners.codes)
    names = list(table.partners.names)
    for use in columns:
        if use.partner and use.partner not in partners:
            partners.append(use.partner)
            names.append(use.partner)
    imports = np.zeros((len(table.products.codes), len(partners)))
    imports[:, : flows.imports.shape[1]] = flows.imports
    exports = np.zeros_like(imports)
    for k, use in enumerate(columns):
        if use.partner or len(partners) == 1:
            exports[:, partners.index(use.partner) if use.partner else 0] += flows.exports[:, k]
            continue
        exports += _unnamed(flows, flows.exports[:, k], use.code, imports)
    traded = np.flatnonzero((imports.sum(axis=0) > 0) | (exports.sum(axis=0) > 0))
    imports, exports = imports[:, traded], exports[:, traded]
    made = flows.supply.sum(axis=1)
    beyond = exports.sum(axis=1) > made * (1 + 1e-9)
    if beyond.any():
        amount = float((exports.sum(axis=1) - made)[beyond].sum())
        flows.changes.append(
            Change(
                "trade",
                "exports of " + ", ".join(np.array(table.products.codes)[beyond][:6]),
                f"{int(beyond.sum())} products marked as re-exports",
                amount,
                float(exports.sum()),
                "their exports exceed what is made at home",
            )
        )
    balance = float(imports.sum() - exports.sum())
    flows.changes.append(
        Change(
            "trade",
            "transfers",
            "set to imports less exports of the base year",
            abs(balance),
            float(imports.sum() + exports.sum()),
            "so that the base year's foreign exchange closes without new debt",
        )
    )
    labels = Labels(tuple(partners[k] for k in traded), tuple(names[k] for k in traded))
    return Trade(labels, imports, exports, beyond, balance)


def _unnamed(flows: Flows, amount: Figures, code: str, imports: Figures) -> Figures:
    """Exports without a partner, split as the product's imports, or all imports, are."""
    row = imports.sum(axis=1, keepdims=True)
    size = imports.shape[1]
    whole = imports.sum(axis=0) / imports.sum() if imports.sum() > 0 else np.full(size, 1 / size)
    shares = np.where(row > 0, imports / np.where(row > 0, row, 1.0), whole[None, :])
    flows.changes.append(
        Change(
            "trade",
            f"exports: {code}",
            "split over partners as the imports of the product",
            float(amount.sum()),
            float(amount.sum()),
            "the source names no partner",
        )
    )
    return np.asarray(amount[:, None] * shares)
