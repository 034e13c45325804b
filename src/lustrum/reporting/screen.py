"""A plan on one screen, from its document (`summary.json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.charts import bar, sparkline
from lustrum.reporting.layout import YearTable
from lustrum.reporting.words import amount, name, percent, tiny

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
        yield from _tasks(plan)
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


def _tasks(plan: Document) -> Iterator[RenderableType]:
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
    table = Table(box=None, pad_edge=False, padding=0, header_style="dim")
    for title, size, style in (
        ("", 3, ""),
        ("", words, ""),
        ("gain", gain + 2, ""),
        ("", 12, "magenta"),
        ("when", when + 2, "cyan"),
    ):
        table.add_column(
            title,
            width=size,
            style=style,
            no_wrap=True,
            overflow="ellipsis",
            justify="right" if title == "gain" else "left",
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
