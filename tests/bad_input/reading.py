"""What both test files of this room share: a plan file and an economy folder read and resolved to the end."""

from __future__ import annotations

from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.accounts.readers.folder import read_folder
from lustrum.errors import BadInput, SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.plan_file import locate
from lustrum.planning.spec import PlanSpec

FILE = "lustrum.yaml"

#: A country small enough to write down: three products, a machine, two households.
TABLES: dict[str, str] = {
    "economy.yaml": "format: lustrum-economy/1\nname: dale\nbase_year: 2025\nmoney: crowns\nnotes:\n- Made up.\n",
    "products.csv": "code,name,unit\ncorn,Corn,\ncloth,Cloth,\ntools,Tools,\n",
    "activities.csv": "code,name\nfarms,Farms\nmills,Mills\nforges,Forges\n",
    "assets.csv": "code\nmachines\n",
    "skills.csv": "code\nhands\n",
    "households.csv": "code\ntown\nland\n",
    "needs.csv": "code\nfood\nclothing\n",
    "partners.csv": "code\nabroad\n",
    "output.csv": "activity,value\nfarms,100\nmills,50\nforges,40\n",
    "supply.csv": "product,activity,value\ncorn,farms,1\ncloth,mills,1\ntools,forges,1\n",
    "use_flows.csv": "product \\ activity,farms,mills,forges\ncorn,20,5,0\ncloth,0,5,0\ntools,10,5,5\n",
    "labour_flows.csv": "skill,activity,value\nhands,farms,40\nhands,mills,20\nhands,forges,20\n",
    "labour_supply.csv": (
        "skill,year,value\nhands,2025,90\nhands,2026,91\nhands,2027,92\nhands,2028,93\nhands,2029,94\nhands,2030,95\n"
    ),
    "asset_flows.csv": "product,asset,value\ntools,machines,20\n",
    "capital_stock.csv": "asset \\ activity,farms,mills,forges\nmachines,110,55,44\n",
    "depreciation.csv": "asset \\ activity,farms,mills,forges\nmachines,0.1,0.1,0.1\n",
    "investment.csv": "asset \\ activity,farms,mills,forges\nmachines,10,6,4\n",
    "consumption_flows.csv": "product,household,value\ncorn,town,30\ncorn,land,40\ncloth,town,20\ncloth,land,15\n",
    "need_shares.csv": "product \\ need,food,clothing\ncorn,1,0\ncloth,0,1\ntools,0,1\n",
    "committed_demand.csv": "product,value\ncorn,0\ncloth,5\ntools,0\n",
    "exports.csv": "product,partner,value\ncorn,abroad,5\ncloth,abroad,5\n",
    "imports.csv": "product,partner,value\n",
    "population.csv": "household,value\ntown,400\nland,600\n",
    "opening_stock.csv": "product,value\ncorn,10\n",
}

#: A plan that has an entry in every section.
PLAN = """\
lustrum: 1
name: Dale 2026-2030
economy: economy
horizon: {years: 5}
technology: {labour_productivity_growth: 0.01, gestation: {machines: [0.5, 0.5]}}
living_standard:
  no_fall: false
  floors:
    - {household: land, need: [food, clothing], at_least: {from: 0.5, to: 0.6}}
trade:
  export_growth: 0.01
  export_band: 0.05
  limits:
    - {flow: exports, product: corn, partner: abroad, at_most: 2.0}
reserves:
  - {product: corn, at_least: {start: 5.0, growth: 0.01}}
investment:
  ceilings:
    - {asset: machines, activity: mills, at_most: 5.0}
adjustment:
  output: {down: 0.1, up: 0.1, exempt: [forges]}
tasks:
  - name: clothes for all
    terms: [{of: output, activity: mills}, {of: imports, product: cloth, factor: {2027: 1.0, 2028: 1.0}}]
    years: [2027, 2028]
    at_least: {2027: 45, 2028: 46}
    elastic: {priority: 1, weight: 2.0}
terminal: {rule: growth, growth: 0.01}
objective: {kind: living_standard, elasticity: 2.0, weights: {food: 1.5}, segments: 20}
solver: {time_limit: 60}
"""


def write_tables(folder: Path, tables: dict[str, str | bytes]) -> Path:
    """Write an economy folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read_tables(folder: Path, tables: dict[str, str | bytes]) -> Economy:
    """Write an economy folder and read it."""
    return read_folder(write_tables(folder, tables))


def resolve(economy: Economy, text: str) -> PlanData:
    """Read a plan file and resolve it against accounts, to the last coefficient; errors carry their line."""
    try:
        data = PlanData(economy, PlanSpec.from_text(text, FILE))
        _ = data.limits, data.tasks
        build_problem(data)
    except SpecError as e:
        raise locate(e, text, FILE) from None
    return data


def refused(error: BadInput, where: str, words: str, mend: str = "") -> None:
    """The message has exit code 2, its place, what is wrong, and what to do."""
    text = str(error)
    assert error.exit_code == 2
    assert where in error.where, text
    assert words in text, text
    assert error.mend, text
    assert mend in error.mend, text
    assert len(text) < 1000, text
    assert all(len(line) < 400 for line in text.splitlines()), text
