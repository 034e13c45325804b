"""A commented plan file from the parameter table, for economies that bring none of their own."""

from __future__ import annotations

import yaml

from lustrum.accounts.economy import Economy
from lustrum.planning.parameters import PARAMETERS, Parameter

SCHEMA_FILE = "lustrum.schema.json"
#: What editors read to complete and check a plan file while one types.
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"

_HEAD = """\
{schema}
# The plan, as a document to read, change and keep under version control.
# `lustrum plan` solves it. What is commented out is off; `lustrum parameters` lists everything.

lustrum: 1
name: First plan
economy: economy
"""


def plan_template(economy: Economy) -> str:
    """Write a plan file with every parameter at its default, each with its meaning, unit and range."""
    lines = [_HEAD.format(schema=SCHEMA_LINE)]
    open_sections: list[str] = []
    for path, p in PARAMETERS.items():
        *sections, key = path.split(".")
        shared = 0
        while shared < min(len(sections), len(open_sections)) and sections[shared] == open_sections[shared]:
            shared += 1
        if shared == 0:
            lines.append("")
        for depth in range(shared, len(sections)):
            lines.append("  " * depth + f"{sections[depth]}:")
            if path.startswith("objective.") and depth == 0:
                lines.append(f"  kind: {_aim(economy)}")
        open_sections = sections
        indent = "  " * len(sections)
        lines.append(f"{indent}# {p.meaning}{_range(p)}")
        lines.append(f"{indent}# {key}: …" if p.default is None else f"{indent}{key}: {_scalar(p.default)}")
    return "\n".join(lines) + "\n"


def _aim(economy: Economy) -> str:
    """The aim that these accounts can serve."""
    if economy.has("need_composition", "consumption"):
        return "living_standard"
    return "employment" if economy.has("labour_coefficient") and not economy.has("labour_supply") else "output"


def _scalar(value: object) -> str:
    return str(yaml.safe_dump(value)).split("\n")[0]


def _range(p: Parameter) -> str:
    low, high = (None if v is None else f"{v:g}" for v in (p.low, p.high))
    bounds = f"{low}..{high}" if low and high else f"at least {low}" if low else ""
    words = ", ".join(w for w in (p.unit, bounds) if w)
    return f" ({words})" if words else ""
