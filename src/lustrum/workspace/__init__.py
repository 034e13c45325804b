"""The folder on disk: a workspace, its plans, and how they are written so that no kill leaves half of one."""

from lustrum.workspace.folder import Workspace, find_plan, new_workspace
from lustrum.workspace.plans import load_plan, save_plan
from lustrum.workspace.verifying import verify

__all__ = ["Workspace", "find_plan", "load_plan", "new_workspace", "save_plan", "verify"]
