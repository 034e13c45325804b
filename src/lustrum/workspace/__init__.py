"""The folder on disk: a workspace, its plans, and how they are written so that no kill leaves half of one.

Names are imported when they are first used, so that who only writes files here need not wait for accounts and plans.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lustrum.workspace.folder import Workspace, find_plan, new_workspace
    from lustrum.workspace.plans import load_plan, save_plan
    from lustrum.workspace.verifying import verify

__all__ = ["Workspace", "find_plan", "load_plan", "new_workspace", "save_plan", "verify"]

_HOME = {
    "Workspace": "folder",
    "find_plan": "folder",
    "load_plan": "plans",
    "new_workspace": "folder",
    "save_plan": "plans",
    "verify": "verifying",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lustrum.workspace' has no attribute {name!r}")
    value = getattr(import_module(f"lustrum.workspace.{_HOME[name]}"), name)
    globals()[name] = value
    return value
