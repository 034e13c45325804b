"""A commented plan file for accounts that bring none of their own.

A country's accounts get neutral choices from which a first plan comes out that can be signed: the economy goes on
growing at the pace that its own base-year investment keeps up, and everything else is set to that pace. Other accounts
get every parameter at its default, explained, from the parameter table.
"""

from __future__ import annotations

import textwrap

import numpy as np
import yaml

from lustrum.accounts.checks.labelling import in_money
from lustrum.accounts.economy import Economy
from lustrum.planning.parameters import PARAMETERS, Parameter

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


#: Growth of labour supply and population, where the accounts give none by year; and the range for the pace.
PEOPLE, SLOWEST, FASTEST = 0.005, 0.0, 0.03
#: Pace where the accounts have no capital to tell it.
USUAL = 0.02

_COUNTRY_HEAD = """\
{schema}
# A five-year plan for {title} ({first}-{last}).
# Every figure here is a choice that can be changed; `lustrum parameters` lists all there are. The choices below are
# neutral: everything goes on at one pace, {pace:.1%} a year{why}.
lustrum: 1
name: First plan
economy: economy

horizon:
  years: 5
"""

_LABOUR = """
# Labour per unit of output falls by {productivity:.1%} a year, labour supply grows by {people:.1%}: together, the pace.
technology:
  labour_productivity_growth: {productivity}
labour:
  supply_growth: {people}
"""

_PEOPLE = """
population:
  growth: {people}
"""

_COMMITTED = """
# Government and other committed demand grows at the pace of the economy, so that its share stays.
committed_demand:
  growth: {pace}
"""

_NEEDS = """
# No need of anyone may fall, per head, from one year to the next. A floor of your own reads:
#   floors:
#     - {{need: {need}, at_least: {{{year}: 1.05}}}}
living_standard:
  no_fall: true
"""

_TRADE = """
# Foreign demand grows at the same pace. Import shares move by at most 4 % of themselves a year, exports by 1 % around
# foreign demand. Foreign debt may not rise above that of the base year.
trade:
  import_share_band: 0.04
  export_growth: {pace}
  export_band: 0.01
"""

_SAVINGS = """
  # Without it a plan would lend abroad early and spend it all in the last year.
  - name: no foreign savings
    terms: [{of: debt}]
    at_least: 0
"""

_INVESTMENT = """
  # Without these a plan would eat its future: a building serves for longer than the plan. Investment in every kind of
  # asset grows at the pace from its level in {base} ({money}).
"""

_BANDS = """
# How fast things may move. Without these limits a linear plan jumps from one extreme to another.
adjustment:
  output: {down: 0.04, up: 0.06}
"""

_CAPITAL = """  investment: {{down: 0.15, up: 0.25}}

# No activity's stock of an asset grows by more than a quarter in a year.
investment:
  stock_growth_cap: 0.25

# The plan closes with capacity to go on at the pace.
terminal:
  rule: growth
  growth: {pace}
"""

_OBJECTIVE = """
# One more unit of a need is worth less the better the need is already met (elasticity). A year counts as much as any
# other (discount). The curve is cut into pieces between 80 % and 150 % of the base level.
objective:
  kind: living_standard
  elasticity: 4
  discount: 1.0
  utility_floor: 0.8
  utility_ceiling: 1.5
  segments: 60
"""


def imported_plan(economy: Economy, schema: str) -> str:
    """Write the plan file; sections that the accounts cannot serve are left out."""
    pace, why = trend(economy)
    has_needs = economy.has("need_composition", "consumption")
    words = {
        "pace": pace,
        "people": PEOPLE,
        "productivity": round(max(pace - PEOPLE, 0.0), 4),
        "base": economy.base_year,
        "money": economy.source.money or "money of the accounts",
        "year": economy.base_year + 3,
        "need": economy.codes("need")[0] if has_needs else "",
    }
    title = " ".join((economy.source.title or economy.source.name).split())
    parts = [
        _COUNTRY_HEAD.format(
            schema=schema, title=title, first=economy.base_year + 1, last=economy.base_year + 5, why=why, pace=pace
        )
    ]
    if economy.has("labour_coefficient", "labour_supply"):
        parts.append(_LABOUR.format(**words))
    if economy.size("household"):
        parts.append(_PEOPLE.format(**words))
    if economy.has("committed_demand"):
        parts.append(_COMMITTED.format(**words))
    if has_needs:
        parts.append(_NEEDS.format(**words))
    if economy.size("partner"):
        parts.append(_TRADE.format(**words))
    parts.append(_investment_tasks(economy, pace, words))
    parts.append(_BANDS)
    if economy.has("investment", "capital_stock"):
        parts.append(_CAPITAL.format(**words))
    if has_needs:
        parts.append(_OBJECTIVE)
    return "".join(parts)


def trend(economy: Economy) -> tuple[float, str]:
    """Growth a year that base-year investment keeps up, n (1 + g) = (g + δ) K over all capital, and why, in words."""
    if not economy.has("investment", "capital_stock", "depreciation"):
        return USUAL, ""
    n, stock = economy.values("investment").sum(), economy.values("capital_stock")
    wear = float((economy.values("depreciation") * stock).sum())
    if stock.sum() <= n:
        return USUAL, ""
    pace = float(np.round(np.clip((n - wear) / (stock.sum() - n), SLOWEST, FASTEST), 3)) + 0.0
    return pace, f",\n# that which the investment of {economy.base_year} keeps up"


def _investment_tasks(economy: Economy, pace: float, words: dict[str, object]) -> str:
    parts = [_SAVINGS] if economy.size("partner") else []
    if economy.has("investment"):
        parts.append(_INVESTMENT.format(**words))
        level = economy.values("investment").sum(axis=1)
        for code, amount in zip(economy.codes("asset"), level.tolist(), strict=True):
            if amount > 0:
                task = {
                    "name": f"investment in {code}",
                    "terms": [{"of": "investment", "asset": code}],
                    "at_least": {"start": float(f"{amount:.6g}"), "growth": pace},
                }
                line = yaml.safe_dump(task, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
                parts.append(f"  - {line.strip()}\n")
    return "\ntasks:" + "".join(parts) if parts else ""
