"""Signs by the field table, and columns that must sum to 1 (docs/model.md section 2)."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.checks.report import Finding, grade, shorten
from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import FIELDS

_MEND = {
    ">=0": "negative cells of final demand belong in committed_demand.csv; elsewhere mend the table",
    ">0": "give a figure above zero",
    "0..1": "write a share: 0.05 for 5 %",
}


def check_signs(e: Economy) -> list[Finding]:
    """Hold every field to the sign the field table gives it."""
    out: list[Finding] = []
    for field in FIELDS:
        if not e.has(field.name) or field.sign in ("any", "bool"):
            continue
        array = e.data[field.name]
        values = np.asarray(array.values)
        wrong = values < 0
        if field.sign == ">0":
            wrong = values <= 0
        elif field.sign == "0..1":
            wrong = (values < 0) | (values > 1)
        if not wrong.any():
            continue
        at = np.argwhere(wrong)
        place = ", ".join(str(array[d].values[k]) for d, k in zip(array.dims, at[0], strict=True))
        more = f"; {len(at)} such figures" if len(at) > 1 else ""
        out.append(
            Finding(
                "error",
                f"{field.name}: {place}",
                f"{field.meaning.split(';')[0]}: {values[tuple(at[0])]:g} is not {field.sign}{more}",
                _MEND[field.sign],
            )
        )
    if e.has("utilisation") and (e.values("utilisation") > 1).any():
        codes = [c for c, u in zip(e.codes("activity"), e.values("utilisation"), strict=True) if u > 1]
        out.append(
            Finding(
                "warning",
                f"utilisation: {codes[0]}",
                f"{len(codes)} activities used more than they had",
                "a share above 1 says that base output was more than the stock can make",
            )
        )
    return out


def check_columns(e: Economy, *, money: bool) -> tuple[dict[str, float], list[Finding]]:
    """Check that columns of b, P and S sum to 1 where units are money."""
    residuals: dict[str, float] = {}
    findings: list[Finding] = []
    for name, dim in (("need_composition", "need"), ("asset_composition", "asset"), ("supply", "activity")):
        if not e.has(name):
            continue
        array = e.data[name]
        values = np.asarray(array.values)
        sums = values.sum(axis=0)
        # the year whose sum is furthest from 1 speaks for a field that carries years
        total = sums if sums.ndim == 1 else sums[np.arange(len(sums)), np.abs(sums - 1).argmax(axis=1)]
        filled = np.any(values != 0, axis=tuple(k for k in range(values.ndim) if k != 1))
        for code, column, some in zip(e.codes(dim), total, filled, strict=True):
            if not some:
                findings.append(_empty(e, name, dim, code))
            elif money and _own_money(e, dim, code):
                residuals[f"{name}: {code}"] = float(column - 1)
                if severity := grade(float(column - 1)):
                    if dim == "asset" and not e.sets[dim].units[e.codes(dim).index(code)]:
                        severity = "warning"  # may well be counted in plants
                    findings.append(
                        Finding(
                            severity,
                            f"{name}: {code}",
                            f"column sums to {column:.6g}, not 1",
                            "mend the column, or give the label a unit if it is no money",
                        )
                    )
    return residuals, shorten(findings)


def _own_money(e: Economy, dim: str, code: str) -> bool:
    labels = e.sets[dim]
    return labels.units[labels.codes.index(code)] in ("", e.source.money)


def _empty(e: Economy, name: str, dim: str, code: str) -> Finding:
    if name == "need_composition":
        used = e.has("consumption") and bool(e.values("consumption")[:, e.codes("need").index(code)].any())
        return Finding(
            "error" if used else "warning",
            f"{name}: {code}",
            "a need without products is met for nothing",
            "name the products it consists of, or remove the need",
        )
    if name == "asset_composition":
        work = e.has("building_labour") and bool(e.values("building_labour")[:, e.codes("asset").index(code)].any())
        return Finding(
            "note" if work else "warning",
            f"{name}: {code}",
            "no products go into this asset" + ("" if work else ": the plan can build it for nothing"),
            "name the products and labour it takes, or cap its investment in the plan",
        )
    return Finding("warning", f"{name}: {code}", "the activity makes no product", "fill its column, or remove it")
