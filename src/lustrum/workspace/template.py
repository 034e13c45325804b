"""A commented plan file from the parameter table, for economies that bring none of their own."""

from __future__ import annotations

import textwrap

import yaml

from lustrum.accounts.checks.report import in_money
from lustrum.accounts.economy import Economy
from lustrum.planning.parameters import PARAMETERS, Parameter
from lustrum.workspace.imported import imported_plan

SCHEMA_FILE = "lustrum.schema.json"
#: What editors read to complete and check a plan file while one types.
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"

_HEAD = """\
{schema}
# The plan, as a document to read, change and keep under version control. `lustrum plan` solves it.
# What is commented out is off; the figure beside it is a start. Without the bands under `adjustment` and
# `trade` a linear plan jumps from one extreme to another: switch them on once a first plan is found.

lustrum: 1
name: First plan
economy: economy"""

#: Figures to start from where a parameter is off by default.
_STARTS = {
    "trade.import_share_band": 0.05,
    "trade.export_band": 0.02,
    "investment.stock_growth_cap": 0.25,
    "adjustment.output.down": 0.04,
    "adjustment.output.up": 0.06,
    "adjustment.investment.down": 0.10,
    "adjustment.investment.up": 0.10,
}


def plan_template(economy: Economy) -> str:
    """Write a plan file: neutral choices for a country's accounts, else every parameter at its default, explained.

    Accounts are a country's where they were imported (they carry a provenance), or are in money and know what was
    made, invested and consumed in the base year. Without limits of speed the plan of such accounts leaps.
    """
    whole = economy.has("output", "use", "consumption", "investment", "capital_stock") and in_money(economy)
    if economy.provenance or whole:
        return imported_plan(economy, SCHEMA_LINE)
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
            off = "" if _has_default(sections[: depth + 1]) else "# "
            lines.append("  " * depth + f"{off}{sections[depth]}:")
            if path.startswith("objective.") and depth == 0:
                lines.append(f"  kind: {_aim(economy)}")
        open_sections = sections
        indent = "  " * len(sections)
        lines += textwrap.wrap(p.meaning + _range(p), 96, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
        off = f"{indent}# {key}: {_STARTS.get(path, '…')}"
        lines.append(off if p.default is None else f"{indent}{key}: {_scalar(p.default)}")
    return "\n".join(lines) + "\n"


def _has_default(sections: list[str]) -> bool:
    """Whether anything in a section is on; a heading with nothing under it would be an error."""
    prefix = ".".join(sections) + "."
    return any(path.startswith(prefix) and p.default is not None for path, p in PARAMETERS.items())


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
