"""Verifying a plan, or the folder of one, from nothing but what it holds itself."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lustrum.errors import LustrumError
from lustrum.lp.solution import Certificate
from lustrum.planning.plan import Plan
from lustrum.planning.sheets import every_sheet
from lustrum.planning.summary import document
from lustrum.solving.verify import Verification, verify_plan
from lustrum.workspace.plans import (
    file_seals,
    load_plan,
    read_certificate,
    read_json,
    sheet_files,
    sheets_table,
)

#: Ranked by figures that may tie: their order proves nothing.
_RANKED = ("limits", "strongest", "families")


def verify(plan: Plan | str | Path) -> Verification:
    """Check a plan without trusting who made it.

    Every constraint is recomputed from the accounts and the plan's arrays, and optimality is proven from
    the stored marginal values. Of a folder, the seal of every file is checked too, and that summary and
    sheets say what the arrays say.

    Raises
    ------
    WorkspaceError
        If a path is given that is not a folder of a plan. A plan that is wrong is no error: see `ok`.
    """
    if isinstance(plan, Plan):
        return verify_plan(plan.economy, plan.spec, plan.values, plan.stages, plan.spec.solver.tolerance)
    folder = Path(plan)
    record = read_certificate(folder)
    problems = _broken_seals(folder, record)
    try:
        loaded = load_plan(folder)
        found = verify(loaded)
        problems += _claims(loaded, record)
        problems += _told_otherwise(folder, loaded, record)
    except (LustrumError, OSError) as e:
        nothing = Certificate(math.inf, math.inf, math.inf, math.nan)
        return Verification(False, nothing, [], [*problems, str(e)])
    return replace(found, ok=found.ok and not problems, problems=[*problems, *found.problems])


def _broken_seals(folder: Path, record: dict[str, Any]) -> list[str]:
    sealed = record.get("sha256")
    if not isinstance(sealed, dict):
        return ["certificate.json: holds no seals"]
    actual = file_seals(folder)
    out = [f"{name}: the file is missing" for name in sealed if name not in actual]
    return out + [
        f"{name}: the file was changed after the plan was made"
        for name in sealed
        if name in actual and actual[name] != sealed[name]
    ]


def _claims(plan: Plan, record: dict[str, Any]) -> list[str]:
    """What the certificate says of the plan beside its figures."""
    out = []
    if plan.status != "optimal":
        out.append(f"certificate.json: status is {plan.status!r}, not 'optimal'")
    economy = record.get("economy")
    if not isinstance(economy, dict) or economy.get("digest") != plan.economy.digest:
        out.append("certificate.json: the digest is not that of economy.nc")
    return out


def _told_otherwise(folder: Path, plan: Plan, record: dict[str, Any]) -> list[str]:
    """Summary and sheets that say other than the plan's arrays.

    Only for plans of this version: another may lay its sheets out differently.
    """
    if record.get("lustrum") != version("lustrum"):
        return []
    out = []
    summary = read_json(folder / "summary.json")
    name = summary.get("plan_id") if isinstance(summary, dict) else None
    if not _agree(summary, document(plan, name)):
        out.append("summary.json: not what the plan's arrays say")
    sheets = every_sheet(plan)
    files = sheet_files(list(sheets))
    stored = {code: read_json(folder / "sheets" / file) for code, file in files.items()}
    wrong = [f"sheets/{files[code]}" for code in sheets if not _agree(stored[code], sheets[code])]
    if wrong:
        more = f" and {len(wrong) - 1} more sheets" if len(wrong) > 1 else ""
        out.append(f"{wrong[0]}{more}: not what the plan's arrays say")
    elif (folder / "sheets.csv").read_bytes() != sheets_table(stored):
        out.append("sheets.csv: not what the sheets say")
    return out


def _agree(a: object, b: object) -> bool:
    """Equal but for rounding, which differs between machines."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(k in _RANKED or _agree(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_agree(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, (float, int)):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
    return a == b
