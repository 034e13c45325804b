"""Consumption by need: from the source's own table by purpose, a user's file, a shipped concordance, or as one need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lustrum.accounts.assemble.flows import Flows
from lustrum.accounts.assemble.interpretation import Options, plain_codes
from lustrum.accounts.cells import number
from lustrum.accounts.concordances import classify, need_names, need_shares
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures
from lustrum.accounts.provenance import Change
from lustrum.accounts.tables import read_rows
from lustrum.errors import TableError
from lustrum.labels import unknown

#: A concordance that places less than this share of consumption is not used.
PLACED = 0.6


@dataclass(frozen=True)
class Needs:
    """Needs and the share of each product that serves them; rows of consumed products sum to 1."""

    labels: Labels
    shares: Figures  # (i, g)


def find_needs(flows: Flows, options: Options) -> Needs:
    """Choose a concordance: the user's file, else the source's table by purpose, else a shipped one, else one need."""
    spent = flows.consumption.sum(axis=1)
    codes = plain_codes(flows.table.products)
    if options.needs is not None:
        found = _from_file(options.needs, flows.table.products.codes, spent)
        flows.changes.append(Change("needs", options.needs.name, "consumption split over needs by the user's file"))
        return found
    if "needs" in flows.table.tables:
        return _from_purposes(flows, spent)
    return _shipped(flows, codes, spent) or _one(flows, spent)


def _one(flows: Flows, spent: Figures) -> Needs:
    flows.changes.append(
        Change(
            "needs",
            "households",
            "all consumption is one need, in the proportions of the base year",
            float(spent.sum()),
            float(spent.sum()),
            "no shipped concordance knows these product codes; give one with --needs FILE",
        )
    )
    return Needs(Labels(("consumption",), ("Household consumption",)), np.ones((len(spent), 1)))


def _shipped(flows: Flows, codes: Sequence[str], spent: Figures) -> Needs | None:
    found = classify(codes)
    if found is None:
        return None
    names = need_names()
    shares = np.zeros((len(codes), len(names)))
    for k, code in enumerate(codes):
        row = need_shares(found, code)
        if row is not None:
            shares[k] = row
    placed = shares.sum(axis=1) > 0
    if spent.sum() <= 0 or spent[placed].sum() < PLACED * spent.sum():
        return None
    flows.changes.append(
        Change(
            "needs",
            "households",
            f"consumption split over needs (COICOP 2018) by the shipped concordance of {found.title}",
            float(spent[placed].sum()),
            float(spent.sum()),
            "the product codes are those of this list",
        )
    )
    return _spread(flows, Labels(tuple(names), tuple(names.values())), shares, spent)


def _spread(flows: Flows, labels: Labels, shares: Figures, spent: Figures) -> Needs:
    """Give products that the concordance does not place the mix of all others; leave out needs of nothing."""
    placed = shares.sum(axis=1) > 0
    left = (~placed) & (spent > 0)
    if left.any():
        mix = spent[placed] @ shares[placed]
        shares[left] = mix / mix.sum()
        named = ", ".join(np.array(flows.table.products.codes)[left][:6])
        flows.changes.append(
            Change(
                "needs",
                f"products {named}",
                "spread over all needs like the rest of consumption",
                float(spent[left].sum()),
                float(spent.sum()),
                "the concordance does not know them",
            )
        )
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    keep = np.flatnonzero(spent @ shares > 0)
    labels = Labels(tuple(labels.codes[k] for k in keep), tuple(labels.names[k] for k in keep))
    return Needs(labels, shares[:, keep])


def _from_purposes(flows: Flows, spent: Figures) -> Needs:
    """Shares of the source's own table of consumption by product and purpose."""
    table = flows.table.tables["needs"]
    figures = table.figures.clip(min=0)
    flows.changes.append(
        Change(
            "needs",
            "the source's table of consumption by purpose",
            f"consumption split over {len(table.labels.codes)} purposes by its shares",
            float(spent.sum()),
            float(spent.sum()),
            "shares within a product"
            + (
                ""
                if table.valuation == flows.table.valuation
                else f" at {table.valuation}s' prices stand for those at {flows.table.valuation} prices"
            ),
        )
    )
    total = figures.sum(axis=1, keepdims=True)
    shares = np.divide(figures, total, out=np.zeros_like(figures), where=total > 0)
    unplaced = (shares.sum(axis=1) == 0) & (spent > 0)
    found = classify(plain_codes(flows.table.products))
    if unplaced.any() and found is not None:
        shares[unplaced] = _margins(shares, spent, flows, found.divisions, unplaced)
    return _spread(flows, table.labels, shares, spent)


def _margins(
    shares: Figures, spent: Figures, flows: Flows, divisions: Mapping[str, Sequence[str]], unplaced: np.ndarray
) -> Figures:
    """Trade margins, which a table at purchasers' prices has inside the goods, go as the goods do."""
    codes = plain_codes(flows.table.products)
    goods = np.array([any(d[0] in "ABC" for d in divisions.get(c, ())) for c in codes])
    trade = np.array([all(d[0] == "G" for d in divisions.get(c, ("-",))) for c in codes])
    out = np.zeros((int(unplaced.sum()), shares.shape[1]))
    mix = spent[goods] @ shares[goods]
    if mix.sum() > 0:
        out[trade[unplaced]] = mix / mix.sum()
        at = unplaced & trade
        if at.any():
            flows.changes.append(
                Change(
                    "needs",
                    "products " + ", ".join(np.array(flows.table.products.codes)[at]),
                    "trade margins serve the needs that the goods serve",
                    float(spent[at].sum()),
                    float(spent.sum()),
                    "the source has them inside the price of the goods",
                )
            )
    return out


def _from_file(path: Path, products: Sequence[str], spent: Figures) -> Needs:
    """A user's file with the columns product, need, share (and perhaps name, of the need)."""
    rows = read_rows(path)
    header = rows[0]
    if not {"product", "need", "share"} <= set(header):
        raise TableError(
            "columns do not fit a needs file",
            where=f"{path.name}:1",
            found=",".join(header),
            expected="product,need,share",
            mend="name the columns as expected",
        )
    at = {name: header.index(name) for name in ("product", "need", "share")}
    needs: dict[str, int] = {}
    cells: dict[tuple[int, int], float] = {}
    index = {c: k for k, c in enumerate(products)}
    for line, row in enumerate(rows[1:], 2):
        product, need = row[at["product"]], row[at["need"]]
        if product not in index:
            raise unknown(
                TableError, "unknown product", product, products, "product", where=f"{path.name}:{line}", found=product
            )
        if not need:
            raise TableError(
                "a need has no code",
                where=f"{path.name}:{line}",
                found="an empty cell",
                mend="write a code for the need",
            )
        key = (index[product], needs.setdefault(need, len(needs)))
        if key in cells:
            raise TableError(
                "same product and need twice",
                where=f"{path.name}:{line}",
                found=f"{product}, {need}",
                mend="keep one of the two rows",
            )
        cells[key] = number(row[at["share"]], f"{path.name}:{line}:share")
    shares = np.zeros((len(products), len(needs)))
    for key, value in cells.items():
        shares[key] = value
    bad = np.flatnonzero((spent > 0) & (np.abs(shares.sum(axis=1) - 1) > 1e-6) | (shares < 0).any(axis=1))
    if bad.size:
        raise TableError(
            "shares of a consumed product do not add up",
            where=path.name,
            found=f"{products[int(bad[0])]}: {shares[int(bad[0])].sum():.6g}"
            + (f", and {bad.size - 1} more" if bad.size > 1 else ""),
            expected="shares >= 0 that sum to 1",
            mend="write the shares of every product that households buy",
        )
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    names = {row[at["need"]]: row[header.index("name")] for row in rows[1:]} if "name" in header else {}
    return Needs(Labels(tuple(needs), tuple(names.get(n, "") for n in needs)), shares)
