"""A case beside the first plan on one screen, from its document (`lustrum whatif --json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from lustrum.reporting.layout import YearTable, amount, bar, name, sparkline, tiny
from lustrum.reporting.plan import strength_table

Document = dict[str, Any]

#: Needs, groups and limits that are listed, at most.
NEEDS, GROUPS, GAVE_WAY = 8, 4, 3


def whatif_screen(answer: Document, width: int) -> Iterator[RenderableType]:
    """Yield the parts of the screen: what was changed, whether it can be, who gains and pays, what then holds."""
    lines = answer["changes"]
    yield Text.assemble(("What if  ", "bold"), name(answer["case"] or (lines[0] if lines else "nothing changes")))
    for line in lines if answer["case"] else lines[1:]:
        yield Text(f"         {name(line)}")
    yield Text(f"beside plan {answer['base'] or '(solved now, not saved)'}", style="dim")
    for words in answer["lifted"]:
        yield Text(f"  lifted, because the change contradicts it: {name(words)}", style="dim")
    yield Text()
    yield from _verdict(answer)
    for words in answer["notes"]:
        yield Text(f"Note: {name(words)}")
    comparison = answer["comparison"]
    if comparison is None:
        return
    yield Text()
    yield from _needs(comparison, width)
    yield from _rest(comparison)
    if answer["binds"]:
        yield Text()
        yield Text("What then holds the plan back most, and what 1 % more of it would give", style="bold")
        most = answer["binds"][0]["gain"] or 1.0
        rows = [
            (str(k), x["text"], amount(x["gain"]), bar(x["gain"] / most, 10).ljust(10), _when(x["by_year"]))
            for k, x in enumerate(answer["binds"][: 5 if answer["status"] == "optimal" else 3], 1)
        ]
        yield strength_table(rows, width)
        changed = [f"{name(x['text'])} ({x['status']})" for x in comparison["limits"][:3]]
        if changed and answer["status"] == "optimal":
            yield Text(" changed most: " + " · ".join(changed), style="dim")
    yield Text()
    c = comparison["certificate"]
    yield Text.assemble(
        ("Certificate  ", "bold"),
        ("optimal" if c["holds"] else "does not hold", "green" if c["holds"] else "bold red"),
        f"  primal {tiny(c['primal_residual'])}, dual {tiny(c['dual_residual'])}, gap {tiny(c['gap'])};"
        f" allowed {tiny(c['tolerance'])}\n",
        f"Solved       in {answer['seconds']:.1f} s: {answer['method']}",
    )
    if answer["plan_id"]:
        yield Text(f"saved as {answer['plan_id']}: `lustrum show {answer['plan_id']}`", style="dim")


def _verdict(answer: Document) -> Iterator[RenderableType]:
    """Whether there is such a plan; where there is none, how far it can go or what gives way."""
    if answer["status"] == "optimal":
        yield Text(_cost(answer, "There is such a plan."), style="bold")
        return
    if answer["status"] != "infeasible":
        yield Text(f"No plan was proven: {answer['status']}.", style="bold red")
        return
    yield Text("There is no such plan.", style="bold red")
    gave = answer["gave_way"]
    if answer["advice"]:
        yield Text("As far as it can go, with every other limit held:", style="bold")
        for line in answer["advice"][:GAVE_WAY]:
            yield Text(f"  - {name(line)}")
        if len(answer["advice"]) > GAVE_WAY:
            yield Text(f"  … and {len(answer['advice']) - GAVE_WAY} more: add --json for all", style="dim")
        if answer["advice_works"]:
            yield Text(_cost(answer, "That was followed and solved: here is that plan."))
        else:
            yield Text(_cost(answer, "Here is the plan with these limits missed."))
    elif gave:
        yield Text(f"If limits of the plan file may be broken, {len(gave)} must be; the largest:", style="bold")
        for g in gave[:GAVE_WAY]:
            yield Text(f"  - {name(g['text'])}, {g['year']}: by {amount(g['amount'])} ({g['share']:.1%} of it)")
        if len(gave) > GAVE_WAY:
            yield Text(f"  … and {len(gave) - GAVE_WAY} more: add --json for all", style="dim")
        yield Text(_cost(answer, "Here is that plan; the objective leaves out what breaking them costs."))
    else:
        yield Text("No plan is found even where limits of the plan file may be broken.", style="bold")


def _cost(answer: Document, words: str) -> str:
    objective = answer["comparison"]["objective"] if answer["comparison"] else None
    if objective is None:
        return words
    if not objective["comparable"]:
        return f"{words} Its objective counts something else than before: {amount(objective['after'])}."
    if objective["change"] == 0:
        return f"{words} It costs nothing: the objective stays what it was."
    way = "rises" if objective["change"] > 0 else "falls"
    share = f" ({100 * objective['relative']:+.2g} %)" if objective["relative"] is not None else ""
    return (
        f"{words} The objective {way} from {amount(objective['before'])} to {amount(objective['after'])}{share},"
        f" in {name(objective['unit'])}."
    )


def _needs(comparison: Document, width: int) -> Iterator[RenderableType]:
    """Needs that gain or pay most, by year, in points of the base year's level."""
    moved = [row for row in comparison["needs"] if row["change"]]
    if not moved:
        yield Text("No need gains or pays.", style="bold")
        return
    half = NEEDS // 2
    gain = [r for r in moved if r["change"] > 0][:half]
    pay = [r for r in reversed(moved) if r["change"] < 0][:half]
    years = list(moved[0]["after"])
    table = YearTable(years, "mean")
    for title, rows in (("Gain, points of the base level per head", gain), ("Pay", pay)):
        if rows:
            table.section(title)
        for row in rows:
            series = {
                y: None
                if row["after"][y] is None or row["before"].get(y) is None
                else row["after"][y] - row["before"][y]
                for y in years
            }
            table.row(row["name"], series, _points, extra=_points(row["change"]))
    yield table.table(width)


def _when(values: list[float]) -> str:
    return sparkline(values, low=0.0) if 1 < len(values) <= 20 else ""


def _points(value: float | None) -> str:
    return "" if value is None else f"{100 * value:+.2f}"


def _rest(comparison: Document) -> Iterator[RenderableType]:
    """Household groups, sectors and trade in a line each."""
    groups = [r for r in comparison["households"] if r["change"]]
    if len(comparison["households"]) > 1 and groups:
        most = sorted(groups, key=lambda r: -abs(r["change"]))[:GROUPS]
        yield Text(" groups of people: " + ", ".join(f"{name(r['name'])} {_points(r['change'])}" for r in most))
    for measure, found in comparison["sectors"].items():
        if found["changed"]:
            most = sorted(found["most"], key=lambda r: -abs(r["change"]))[:GROUPS]
            listed = ", ".join(
                f"{name(r['name'])} {'+' if r['change'] > 0 else '−'}{amount(abs(r['change']))}" for r in most
            )
            yield Text(f" {measure} moves in {found['changed']} sectors: {listed}")
    trade = comparison["trade"]
    if trade:
        old, new = (sum(v for v in trade["imports"][side].values() if v is not None) for side in ("before", "after"))
        yield Text(f" imports over the plan: {amount(new)} instead of {amount(old)}")


def conflict_lines(answer: Document, most: int = 3) -> Iterator[RenderableType]:
    """Yield why there is no such plan."""
    yield Text()
    lines = str(answer["conflict_words"]).splitlines()
    if answer["advice"]:  # how far the change can go was said first
        lines = lines[: next((k for k, line in enumerate(lines) if line.startswith("The least that must")), len(lines))]
    entries = 0
    for line in lines:
        entry = line.startswith("  - ")
        entries = entries + 1 if entry else 0
        if entries == most + 1:
            yield Text("  … and more: add --json for all of them", style="dim")
        if entries <= most:
            yield Text(name(line), style="" if entry else "bold")
