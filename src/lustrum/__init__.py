"""Five-year plans for economies: accounts, a certified linear plan, its limits, and its review.

`__all__` is the whole public surface. Names are imported when they are first used, so that
`import lustrum` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lustrum.accounts.checks import check_economy as check
    from lustrum.accounts.economy import Economy, Labels, Source
    from lustrum.accounts.embedded import load_economy
    from lustrum.accounts.published import import_table
    from lustrum.accounts.readers.folder import read_folder, write_folder
    from lustrum.congress.assembly import Congress
    from lustrum.congress.ledger import SigningKey
    from lustrum.congress.proof import verify as verify_congress
    from lustrum.errors import (
        AnswerIsNo,
        BadInput,
        CheckFailed,
        Infeasible,
        LabelError,
        LedgerError,
        LimitReached,
        LustrumError,
        NotVerified,
        Refused,
        SpecError,
        TableError,
        Unbounded,
        WorkspaceError,
    )
    from lustrum.lp.solution import Certificate
    from lustrum.planning.diagnosis import diagnose
    from lustrum.planning.plan import Plan, Stage
    from lustrum.planning.sheets import sector_sheet
    from lustrum.planning.spec import PlanSpec
    from lustrum.planning.summary import strongest_limits
    from lustrum.scenario.change import Case, Change
    from lustrum.scenario.compare import compare
    from lustrum.scenario.result import Result
    from lustrum.scenario.scenario import Scenario
    from lustrum.solving.conflict import explain
    from lustrum.solving.solve import solve_plan as solve
    from lustrum.solving.verify import Verification
    from lustrum.workspace import Workspace, load_plan, new_workspace, save_plan, verify

__version__: str

__all__ = [
    "AnswerIsNo",
    "BadInput",
    "Case",
    "Certificate",
    "Change",
    "CheckFailed",
    "Congress",
    "Economy",
    "Infeasible",
    "LabelError",
    "Labels",
    "LedgerError",
    "LimitReached",
    "LustrumError",
    "NotVerified",
    "Plan",
    "PlanSpec",
    "Refused",
    "Result",
    "Scenario",
    "SigningKey",
    "Source",
    "SpecError",
    "Stage",
    "TableError",
    "Unbounded",
    "Verification",
    "Workspace",
    "WorkspaceError",
    "check",
    "compare",
    "diagnose",
    "explain",
    "import_table",
    "load_economy",
    "load_plan",
    "new_workspace",
    "read_folder",
    "save_plan",
    "sector_sheet",
    "solve",
    "strongest_limits",
    "verify",
    "verify_congress",
    "write_folder",
]

#: Module -> names that live there; `name=other` where the public name differs.
_ROOMS = {
    "lustrum.accounts.checks": "check=check_economy",
    "lustrum.accounts.economy": "Economy Labels Source",
    "lustrum.accounts.embedded": "load_economy",
    "lustrum.accounts.published": "import_table",
    "lustrum.accounts.readers.folder": "read_folder write_folder",
    "lustrum.congress.assembly": "Congress",
    "lustrum.congress.ledger": "SigningKey",
    "lustrum.congress.proof": "verify_congress=verify",
    "lustrum.errors": "AnswerIsNo BadInput CheckFailed Infeasible LabelError LedgerError LimitReached LustrumError "
    "NotVerified Refused SpecError TableError Unbounded WorkspaceError",
    "lustrum.planning.diagnosis": "diagnose",
    "lustrum.planning.plan": "Plan Stage",
    "lustrum.planning.sheets": "sector_sheet",
    "lustrum.planning.spec": "PlanSpec",
    "lustrum.planning.summary": "strongest_limits",
    "lustrum.lp.solution": "Certificate",
    "lustrum.scenario.change": "Case Change",
    "lustrum.scenario.compare": "compare",
    "lustrum.scenario.result": "Result",
    "lustrum.scenario.scenario": "Scenario",
    "lustrum.solving.conflict": "explain",
    "lustrum.solving.solve": "solve=solve_plan",
    "lustrum.solving.verify": "Verification",
    "lustrum.workspace": "Workspace load_plan new_workspace save_plan verify",
}
_HOME = {
    entry.split("=")[0]: (module, entry.split("=")[-1]) for module, names in _ROOMS.items() for entry in names.split()
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("lustrum")
    elif name in _HOME:
        module, attribute = _HOME[name]
        value = getattr(import_module(module), attribute)
    else:
        raise AttributeError(f"module 'lustrum' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
