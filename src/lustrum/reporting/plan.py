"""A plan on one screen, and a sector's sheet, both from their documents (`summary.json` and `sheets/`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.layout import YearTable, amount, bar, change, grid, name, percent, sparkline, tiny

Document = dict[str, Any]


def plan_screen(plan: Document, width: int) -> Iterator[RenderableType]:
    """Yield the parts of the screen: needs, the economy, what holds the plan back, the certificate."""
    economy, years = plan["economy"], [str(y) for y in plan["years"]]
    title = Text.assemble(
        (name(plan["name"]), "bold"), "  ", name(economy["title"] or economy["name"]), f", {years[0]}–{years[-1]}"
    )
    yield title
    yield Text(f"plan {plan['plan_id']}" if plan["plan_id"] else "not saved", style="dim")
    yield Text()
    yield _figures(plan, years, width)
    if plan["tasks"]:
        yield Text()
        yield from _plan_tasks(plan)
    yield Text()
    yield from _limits(plan, width)
    yield Text()
    yield certificate_line(plan)


def _figures(plan: Document, years: list[str], width: int) -> RenderableType:
    base = plan["economy"]["base_year"]
    floors = plan["floors"]
    out = YearTable(years, "floor" if floors else "")
    if plan["needs"]:
        out.section(f"Needs, per head, {base} = 100")
        for need, series in plan["needs"].items():
            floor = floors.get(need)
            at = percent(floor[years[-1]]) if floor else ""
            out.row(plan["needs_names"].get(need, need), series, percent, extra=at)
    out.section(f"The economy, {base} = 100")
    if any(plan["activity"].values()):  # accounts without base output have no index
        out.row("output", plan["activity"], percent)
    if any(plan["investment"].values()):
        out.row("investment", plan["investment"], percent)
    for skill, labour in plan["labour"].items():
        one = len(plan["labour"]) == 1
        out.row("labour used, % of supply" if one else f"labour used, % of supply: {skill}", labour["share"], percent)
    if plan["trade"]:
        out.row("self-sufficiency, %", plan["self_sufficiency"], percent)
        out.section(f"Trade, {plan['economy']['money'] or 'foreign currency'}")
        for key in ("exports", "imports"):
            out.row(key, plan["trade"][key])
        out.row("balance", plan["trade"]["balance"])
        if any(plan["trade"].get("debt", {}).values()):
            out.row("foreign debt", plan["trade"]["debt"])
    return out.table(width)


def _plan_tasks(plan: Document) -> Iterator[RenderableType]:
    tasks = plan["tasks"]
    missed = [t for t in tasks if t["missed_by"]]
    names = list(dict.fromkeys(t["task"] for t in tasks))
    if not missed:
        yield Text.assemble(
            ("Tasks  ", "bold"),
            f"all {len(names)} met in every year: " if len(names) > 1 else "met: ",
            ", ".join(map(name, names[:4])) + (" …" if len(names) > 4 else ""),
        )
        return
    yield Text.assemble(("Tasks  ", "bold"), f"{len(missed)} of {len(tasks)} fall short")
    for t in missed[:5]:
        asked = t["at_least"] if t["at_least"] is not None else t["at_most"]
        yield Text(f" {name(t['task'])}, {t['year']}: asked {amount(asked)}, reached {amount(t['reached'])}", "yellow")
    if len(missed) > 5:
        yield Text(f" and {len(missed) - 5} more: lustrum show --table tasks", "dim")


def _limits(plan: Document, width: int) -> Iterator[RenderableType]:
    strongest = plan["strongest"]
    if not strongest:
        yield Text("Nothing holds the plan back: no limit has a marginal value.", style="bold")
        return
    yield Text("What holds the plan back most", style="bold")
    yield Text(
        f" gain if 1 % more were allowed (for a floor: 1 % less asked) in every year;\n"
        f" 1 = {name(plan['objective_unit'])}",
        style="dim",
    )
    most = strongest[0]["gain"] or 1.0
    rows = []
    for k, limit in enumerate(strongest, 1):
        when = [
            abs(x["marginal_value"])
            for x in plan["limits"]
            if x["name"] == limit["name"] and x["label"] == limit["label"]
        ]
        drawn = sparkline(when, low=0.0) if 1 < len(when) <= 20 else ""
        rows.append((str(k), limit["text"], amount(limit["gain"]), bar(limit["gain"] / most, 10).ljust(10), drawn))
    yield strength_table(rows, width)
    families = [f"{name(f['text'])} {amount(f['gain'])} ({f['binding']})" for f in plan["families"][:5]]
    yield Text(" together (limits that bind): " + " · ".join(families), style="dim")


def strength_table(rows: list[tuple[str, str, str, str, str]], width: int) -> Table:
    """Lay out rank, limit, gain, bar and years of each limit; only the words are ever shortened."""
    gain, when = max(len(r[2]) for r in rows), max(4, *(len(r[4]) for r in rows))
    words = min(max(len(r[1]) for r in rows), width - 3 - (gain + 2) - 12 - (when + 2))
    table = grid(
        ("", 3, "left", ""),
        ("", words, "left", ""),
        ("gain", gain + 2, "right", ""),
        ("", 12, "left", "magenta"),
        ("when", when + 2, "left", "cyan"),
    )
    for rank, text, much, drawn, years in rows:
        table.add_row(f" {rank}", name(text), much, f"  {drawn}", f"  {years}")
    return table


def certificate_line(plan: Document) -> Text:
    """Say how the plan is proven, and what it was computed with."""
    c = plan["certificate"]
    holds = c["holds"]
    return Text.assemble(
        ("Certificate  ", "bold"),
        ("optimal" if holds else "does not hold", "green" if holds else "bold red"),
        f"  primal {tiny(c['primal_residual'])}, dual {tiny(c['dual_residual'])}, gap {tiny(c['gap'])};"
        f" allowed {tiny(c['tolerance'])}\n",
        f"Objective    {plan['objective_kind'].replace('_', ' ')} {amount(plan['objective'])};"
        f" {plan['method']}, {plan['seconds']:.1f} s",
    )


def saved_line(folder: str, sector: str) -> Text:
    """Say where the plan is and what to do with it."""
    text = Text.assemble(("Saved  ", "bold"), name(folder))
    shown = f"lustrum show --sector {_shell(sector)}"
    text.append(f"\nNext   {shown}   lustrum show --limit capacity", "dim")
    return text


def _shell(code: str) -> str:
    import shlex

    return shlex.quote(name(code))


def warnings(notes: list[str]) -> Iterator[RenderableType]:
    """Yield what was found before solving."""
    for note in notes:
        yield Text.assemble(("note: ", "yellow"), name(note))


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
