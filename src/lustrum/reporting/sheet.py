"""A sector's sheet on the screen: tasks, ways, means, and what holds the sector back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from lustrum.reporting.layout import YearTable
from lustrum.reporting.words import amount, change, name, percent

#: Materials shown; the rest is in the file and in --csv.
SHOWN = 8


def sheet_screen(sheet: dict[str, Any], width: int) -> Iterator[RenderableType]:
    """Yield the parts of a sheet."""
    every = [str(y) for y in sheet["years"]]
    base = every[0]
    out = YearTable(every)
    yield Text.assemble(
        (f"{name(sheet['name'])}  ", "bold"),
        (name(sheet["sector"]), "dim"),
        (f"   {name(sheet['unit'])}; {base} is the base year", "dim"),
    )
    yield Text()
    _tasks(out, sheet["tasks"])
    _ways(out, sheet["ways"])
    _means(out, sheet["means"], sheet["unit"], sheet["money"])
    yield out.table(width)
    if sheet["limits"]:
        yield Text()
        yield Text.assemble(("What holds it back", "bold"), ("  gain if 1 % more were allowed", "dim"))
        for limit in sheet["limits"][:5]:
            text = name(limit["text"])
            for ending in (f" of {name(sheet['name'])}", f": {name(sheet['name'])}"):
                text = text.removesuffix(ending)
            line = Text(f" {amount(limit['gain']):>10}  {text}")
            line.truncate(width, overflow="ellipsis")
            yield line


def _tasks(out: YearTable, tasks: dict[str, Any]) -> None:
    out.section("Tasks")
    out.row("output", tasks["output"])
    out.row("growth, %", tasks["growth"], change)
    if "capacity" in tasks:
        out.row("capacity", tasks["capacity"])
        out.row("use of capacity, %", tasks["use_of_capacity"], percent)
    by_name: dict[str, dict[str, float | None]] = {}
    for task in tasks["from_the_plan_file"]:
        asked = task["at_least"] if task["at_least"] is not None else task["at_most"]
        by_name.setdefault(f"{task['task']}: asked", {})[str(task["year"])] = asked
        by_name.setdefault(f"{task['task']}: reached", {})[str(task["year"])] = task["reached"]
    for label, series in by_name.items():
        out.row(label, series, chart=False)


def _ways(out: YearTable, ways: dict[str, Any]) -> None:
    trade = [p for p in ways["products"] if any(p.get("imports", {}).values()) or any(p.get("exports", {}).values())]
    if ways["investment"] or trade:
        out.section("Ways")
    for asset in ways["investment"]:
        out.row(f"build: {asset['name']}", asset["amount"])
    several = len(ways["products"]) > 1
    for product in ways["products"]:
        of = f" of {product['name']}" if several else ""
        if any(v is not None and v < 1 - 1e-9 for v in product["share_of_making"].values()):
            out.row(f"share of all making{of}, %", product["share_of_making"], percent)
        if any(product.get("imports", {}).values()):
            out.row(f"imports{of}", product["imports"])
            out.row(f"import share{of}, %", product["import_share"], percent)
        if any(product.get("exports", {}).values()):
            out.row(f"exports{of}", product["exports"])


def _means(out: YearTable, means: dict[str, Any], unit: str, money: str) -> None:
    if means["materials"]:
        out.section("Means: materials, and from whom")
    for material in means["materials"][:SHOWN]:
        other = f", {material['unit']}" if material["unit"] != unit else ""
        out.row(material["name"] + other, material["amount"])
        sources = material["from"]
        only = len(sources) == 1 and sources[0]["name"] == material["name"]
        for source in [] if only else sources[:4]:
            out.row(f"from {source['name']}", source["amount"], style="dim", chart=False, indent=3)
    hidden = len(means["materials"]) - SHOWN
    if hidden > 0:
        out.row(f"and {hidden} more: add --csv", {}, style="dim", chart=False)
    if means.get("labour") or means.get("foreign_exchange"):
        out.section("Means: labour and foreign exchange")
    for labour in means.get("labour", []):
        kind = "labour" if len(means["labour"]) == 1 else f"labour: {labour['name']}"
        out.row(f"{kind}, {labour['unit']}" if labour["unit"] not in ("", money) else kind, labour["amount"])
    exchange = means.get("foreign_exchange", {})
    for key, label in (("earned_by_exports", "earned by exports"), ("spent_on_inputs", "spent on imported inputs")):
        if any(exchange.get(key, {}).values()):
            out.row(label, exchange[key])
