"""Extensions of a `pymrio.IOSystem`: which rows are value added, which are satellites, what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, Satellite
from lustrum.accounts.provenance import Change
from lustrum.errors import TableError
from lustrum.labels import require_equal

if TYPE_CHECKING:
    import pandas as pd

#: Names of extensions that hold value added, without case, spaces and underscores.
VALUE_ADDED = ("factorinputs", "factorinput", "va", "valueadded", "primaryinputs")
_MONEY_ROWS = re.compile(
    r"value.added|tax|tls|compensation|wage|surplus|subsid|^va\b|valu|mixed income|capital", re.IGNORECASE
)
_TOTALS = re.compile(r"^(total|output|gross output|out)\b", re.IGNORECASE)
_LABOUR = re.compile(r"employ|hours|labou?r|jobs|persons|^h?_?empe?$", re.IGNORECASE)
_RESOURCE = re.compile(r"emission|co2|ghg|land|water|energy|material|resource|waste", re.IGNORECASE)
#: An extension with more rows is kept beside the accounts, not made a resource row by row.
MOST_RESOURCES = 100


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows by activity."""

    labels: Labels
    figures: Figures


def beside(
    system: Any, columns: pd.Index, money: str, value_added: str | None, where: str, done: list[Change]
) -> tuple[Rows, dict[str, Satellite]]:
    """Return value added and satellites of a system, and add to `done` what was left out."""
    parts: list[Rows] = []
    satellites: dict[str, Satellite] = {}
    extensions = list(system.get_extensions(data=True))
    names = [str(e.name) for e in extensions]
    chosen = value_added or next((n for n in names if _plain(n) in VALUE_ADDED), None)
    if value_added is not None and value_added not in names:
        raise TableError(f"the system has no extension {value_added!r}", where=where, found=", ".join(names) or "none")
    for extension in extensions:
        name = str(extension.name)
        if extension.F is None:
            done.append(Change("left out", f"extension {name}", "it has no flows (F), only coefficients"))
            continue
        rows, units = _rows(extension, columns, f"{where}: {name}", done)
        is_money = np.array([not u or money_words(u) == money for u in units], dtype=bool)
        totals = np.array([bool(_TOTALS.match(c)) for c in rows.labels.codes], dtype=bool)
        if name == chosen:
            taken = is_money & ~totals
        else:
            worded = np.array([bool(_MONEY_ROWS.search(c)) for c in rows.labels.codes], dtype=bool)
            taken = is_money & ~totals & worded & np.array([bool(u) for u in units], dtype=bool) & (chosen is None)
        if taken.any():
            parts.append(_take(rows, taken))
        if (name == chosen) and (totals & is_money).any():
            left = [c for c, t in zip(rows.labels.codes, totals, strict=True) if t]
            done.append(Change("left out", f"{name}: {', '.join(left)}", "totals are no row of value added"))
        rest = ~taken & ~(totals & is_money & (name == chosen))
        if rest.any():
            _add_satellites(satellites, name, _take(rows, rest))
        _by_final_users(extension, name, done)
    if not parts:
        done.append(Change("value added", "VA", "the system has no value added: all of it is what is left of output"))
        return Rows(Labels(()), np.zeros((0, len(columns)))), satellites
    codes = _distinct([c for p in parts for c in p.labels.codes])
    return Rows(Labels(codes, codes), np.vstack([p.figures for p in parts])), satellites


def money_words(unit: str) -> str:
    """Return the unit as lustrum writes it: `M.EUR`, `millions of US$` and `000 USD` are spelt in many ways."""
    text = unit.lower()
    power = (
        "thousand " if re.search(r"000|thousand", text) else "million " if re.search(r"\bm(il)?\b|mill?", text) else ""
    )
    currency = "USD" if re.search(r"usd|us\$", text) else "EUR" if re.search(r"eur|€", text) else ""
    return f"{power}{currency}" if power and currency else unit


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).lower()


def _rows(extension: Any, columns: pd.Index, where: str, done: list[Change]) -> tuple[Rows, list[str]]:
    frame = extension.F
    require_equal([str(e) for e in columns], [str(e) for e in frame.columns], f"{where}: Z columns", "F columns")
    codes = [" ".join(str(p) for p in e) if isinstance(e, tuple) else str(e) for e in frame.index]
    units = [
        "" if extension.unit is None else str(u)
        for u in (np.asarray(extension.unit).ravel() if extension.unit is not None else codes)
    ]
    if len(units) != len(codes):
        raise TableError("units do not fit the rows", where=where, found=f"{len(units)}", expected=f"{len(codes)}")
    units = ["" if u == "nan" else u for u in units]
    figures = np.array(frame.to_numpy(), dtype=np.float64, copy=True)
    empty = np.asarray(np.isnan(figures).any(axis=1), dtype=bool).reshape(len(codes))
    if empty.any():
        shown = ", ".join(c for c, e in zip(codes, empty, strict=True) if e)
        done.append(
            Change(
                "left out",
                f"{where}: {shown[:200]}",
                f"{int(empty.sum())} rows with empty cells",
                why="an empty cell is not a zero",
            )
        )
    keep = [k for k, e in enumerate(empty) if not e]
    unique = _distinct([codes[k] for k in keep])
    kept = [units[k] for k in keep]
    return Rows(Labels(unique, tuple(codes[k] for k in keep), tuple(kept)), figures[keep]), kept


def _distinct(codes: list[str]) -> tuple[str, ...]:
    """Number codes that stand twice."""
    seen: dict[str, int] = {}
    out = []
    for code in codes:
        seen[code] = seen.get(code, 0) + 1
        out.append(code if seen[code] == 1 else f"{code} ({seen[code]})")
    return tuple(out)


def _take(rows: Rows, mask: np.ndarray) -> Rows:
    k = np.flatnonzero(mask).tolist()
    labels = rows.labels
    return Rows(
        Labels(tuple(labels.codes[n] for n in k), tuple(labels.names[n] for n in k), tuple(labels.units[n] for n in k)),
        rows.figures[k],
    )


def _add_satellites(satellites: dict[str, Satellite], name: str, rows: Rows) -> None:
    labour = np.array([bool(_LABOUR.search(c) or _LABOUR.search(name)) for c in rows.labels.codes], dtype=bool)
    for mask, suffix in ((labour, ".labour"), (~labour, "")):
        if not mask.any():
            continue
        part = _take(rows, mask)
        kind: Literal["labour", "resource", "other"] = (
            "labour"
            if suffix
            else (
                "resource"
                if len(part.labels.codes) <= MOST_RESOURCES
                and (_RESOURCE.search(name) or all(_RESOURCE.search(c) for c in part.labels.codes))
                else "other"
            )
        )
        both = labour.any() and not labour.all()
        satellites[_plain(name) + (suffix if both else "")] = Satellite(part.labels, part.figures, kind)


def _by_final_users(extension: Any, name: str, done: list[Change]) -> None:
    if getattr(extension, "F_Y", None) is None:
        return
    figures = np.nan_to_num(np.asarray(extension.F_Y.to_numpy(), dtype=np.float64))
    if figures.any():
        done.append(
            Change(
                "left out",
                f"{name}: F_Y",
                "what final users pay or emit themselves belongs to no activity",
                float(np.abs(figures).sum()),
                float(np.abs(np.nan_to_num(np.asarray(extension.F.to_numpy(), dtype=np.float64))).sum()),
            )
        )
