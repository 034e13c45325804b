"""A plan file for a country's accounts: neutral choices from which a first plan comes out that can be signed.

The economy goes on growing at the pace that its own base-year investment keeps up, and everything else is set to
that pace; `plan_template` decides which accounts get this file.
"""

from __future__ import annotations

import numpy as np
import yaml

from lustrum.accounts.economy import Economy

#: Growth of labour supply and population, where the accounts give none by year; and the range for the pace.
PEOPLE, SLOWEST, FASTEST = 0.005, 0.0, 0.03
#: Pace where the accounts have no capital to tell it.
USUAL = 0.02

_HEAD = """\
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
        _HEAD.format(
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
    parts.append(_tasks(economy, pace, words))
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


def _tasks(economy: Economy, pace: float, words: dict[str, object]) -> str:
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
