"""What the commands of `lustrum economy` share: where accounts come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lustrum.accounts.economy import Economy


def accounts(source: str | None, workspace: Path) -> Economy:
    """Load an economy: embedded, folder, file, or (None) the workspace's own."""
    if source is not None:
        from lustrum.accounts.embedded import load_economy

        return load_economy(source)
    from lustrum.workspace import Workspace

    home = Workspace.open(workspace)
    return home.economy(home.plan_file()[0])
