"""Who feeds whom, on the screen: a block of shades, the largest flows, needs, trade, and one sector's neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.layout import BLOCKS, amount, bar, grid, name, percent

Document = dict[str, Any]
#: Cells below this share of the largest are drawn as a dot, empty ones as nothing.
FAINT = 0.01
_FINAL = {
    "needs": "needs of households",
    "investment": "investment",
    "committed_demand": "committed demand",
    "exports": "exports",
}


def picture_screen(document: Document, width: int) -> Iterator[RenderableType]:
    """Yield the parts of the picture of an economy."""
    e, totals = document["economy"], document["totals"]
    yield Text.assemble(
        (name(e["title"] or e["name"]), "bold"),
        (f"  {e['products']} products, {e['activities']} activities, {name(e['money'] or 'no money')}", "dim"),
    )
    if totals:
        yield Text()
        yield from _bars([("output", totals["output"]), ("imports", totals["imports"])], "Comes from", width)
        yield from _bars(
            [
                ("inputs of producers", totals["intermediate_use"]),
                *((label, totals[k]) for k, label in _FINAL.items() if k in totals),
            ],
            "Goes to",
            width,
        )
    yield Text()
    yield from _shades(document["block"], width)
    if document["flows"]:
        yield Text()
        yield from _flows(document, width)
    if document["needs"]:
        yield Text()
        yield Text.assemble(("Needs", "bold"), ("  and the product that serves most of each", "dim"))
        most = document["needs"][0]["value"] or 1.0
        rows = [
            (
                n["name"],
                amount(n["value"]),
                bar(n["value"] / most, 10),
                f"{n['main_name']} {percent(n['main_share'])} %",
            )
            for n in document["needs"][:14]
        ]
        yield _bar_table(rows, width)
    if document["trade"].get("products"):
        yield Text()
        yield from _trade(document["trade"], width)
        if document["import_split"]:
            yield Text(
                f" Which user imports how much is not part of the accounts: {document['import_split']['words']}.", "dim"
            )
    if e["changes"]:
        yield Text(f"{e['changes']} changes to the published figures: see provenance.csv", style="dim")


def _bars(rows: Sequence[tuple[str, float]], title: str, width: int) -> Iterator[RenderableType]:
    yield Text(title, style="bold")
    most = max((abs(v) for _, v in rows), default=0.0) or 1.0
    total = sum(v for _, v in rows)
    lines = [
        (label, amount(v), bar(abs(v) / most, 20), f"{percent(v / total)} %" if total else "") for label, v in rows
    ]
    yield _bar_table(lines, width)


def _bar_table(rows: Sequence[Sequence[str]], width: int) -> Table:
    """Label, figure, bar, and words; words and labels give way on a narrow page."""
    label = min(max((len(r[0]) for r in rows), default=0), max(18, width // 2 - 8))
    figure = max((len(r[1]) for r in rows), default=0)
    drawn = max((len(r[2]) for r in rows), default=0)
    table = grid(
        ("", label + 1, "left", ""),
        ("", figure + 2, "right", ""),
        ("", drawn + 4, "left", "magenta"),
        ("", max(width - label - figure - drawn - 8, 6), "left", "dim"),
    )
    for first, second, third, words in rows:
        table.add_row(f" {name(first)}", second, f"  {third}", name(words))
    return table


def _shades(block: Document, width: int) -> Iterator[RenderableType]:
    """Rows sell, columns buy; the height of a cell is its share of the largest."""
    values = block["values"]
    # the sectors that stand together at the end would dwarf all others: they do not set the scale
    named = [
        v
        for row, line in zip(block["rows"], values, strict=True)
        if row["code"]
        for column, v in zip(block["columns"], line, strict=True)
        if column["code"]
    ]
    top = max(named, default=0.0) or 1.0
    same = [r["code"] for r in block["rows"]] == [c["code"] for c in block["columns"]]
    yield Text.assemble(
        ("Who feeds whom", "bold"),
        (f"  rows sell, columns buy; {BLOCKS[-1]} = {amount(top)} or more, · = under {FAINT:.0%} of it", "dim"),
    )
    label = min(max(len(r["name"]) for r in block["rows"]) + 4, max(20, width - 4 * len(block["columns"]) - 2))
    table = Table(box=None, pad_edge=False, padding=0, header_style="dim")
    table.add_column("", width=label, no_wrap=True, overflow="ellipsis")
    for k in range(len(block["columns"])):
        table.add_column(str(k + 1), width=4, justify="right", no_wrap=True, style="magenta")
    for k, (row, line) in enumerate(zip(block["rows"], values, strict=True), 1):
        table.add_row(f"{k:>3} {name(row['name'])}", *(_shade(v / top) for v in line))
    yield table
    if not same:
        words = ", ".join(f"{k} {name(c['name'])}" for k, c in enumerate(block["columns"], 1))
        yield Text(f"    columns: {words}", style="dim")


def _shade(share: float) -> str:
    if share <= 0:
        return "" if share == 0 else "-"
    if share < FAINT:
        return "·"
    # the root makes small flows visible beside large ones
    return BLOCKS[min(int(min(share, 1.0) ** 0.5 * len(BLOCKS)), len(BLOCKS) - 1)] * 2


def _flows(document: Document, width: int) -> Iterator[RenderableType]:
    flows = document["flows"]
    money = document["money"]
    yield Text.assemble(
        ("Largest flows", "bold"),
        (
            "  between sectors; share of what there is of the product"
            if money
            else "  between sectors, by share of what there is of the product",
            "dim",
        ),
    )
    most = max(f["value"] if money else f["share_of_supply"] for f in flows) or 1.0
    rows = [
        (
            f"{f['from_name']} → {f['to_name']}",
            amount(f["value"]) + ("" if money else f" {f['unit']}"),
            bar((f["value"] if money else f["share_of_supply"]) / most, 10),
            f"{percent(f['share_of_supply'])} %",
        )
        for f in flows
    ]
    figure = max(len(r[1]) for r in rows)
    table = grid(
        ("", max(width - figure - 24, 24), "left", ""),
        ("", figure + 2, "right", ""),
        ("", 13, "left", "magenta"),
        ("", 8, "right", "dim"),
    )
    for first, second, third, words in rows:
        table.add_row(f" {name(first)}", second, f"  {third}", words)
    yield table


def _trade(trade: Document, width: int) -> Iterator[RenderableType]:
    head = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    head.add_column("Trade", no_wrap=True, overflow="ellipsis", max_width=width - 44, header_style="bold")
    for title in ("imports", "exports", "imported, %"):
        head.add_column(title, justify="right", no_wrap=True)
    for p in trade["partners"]:
        head.add_row(f" {name(p['name'])}", amount(p["imports"]), amount(p["exports"]), "", style="cyan")
    for p in trade["products"]:
        head.add_row(f" {name(p['name'])}", amount(p["imports"]), amount(p["exports"]), percent(p["import_share"]))
    yield head


def sector_screen(document: Document, width: int, most: int = 10) -> Iterator[RenderableType]:
    """Yield one sector's suppliers, customers and means."""
    made = document.get("output", document.get("supply", 0.0))
    yield Text.assemble(
        (name(document["name"]), "bold"),
        (f"  {name(document['sector'])}", "dim"),
        f"  output {amount(made)} {name(document['unit'])}",
    )
    facts = []
    if "import_share" in document:
        facts.append(f"imports {amount(document['imports'])} ({percent(document['import_share'])} % of home use)")
        facts.append(f"exports {amount(document['exports'])}")
    if "multiplier" in document:
        facts.append(f"output multiplier {document['multiplier']:.3f}")
    if facts:
        yield Text(" " + ", ".join(facts), style="dim")
    for key, title in (
        ("suppliers", "Suppliers"),
        ("customers", "Customers"),
        ("needs", "Needs it serves"),
        ("labour", "Labour"),
        ("capital", "Assets"),
    ):
        entries = document.get(key)
        if not entries:
            continue
        yield Text()
        yield Text(title, style="bold")
        top = abs(entries[0]["value"]) or 1.0
        unit = len({x["unit"] for x in entries}) > 1 or entries[0]["unit"] != document["unit"]
        yield _bar_table(
            [
                (
                    x["name"],
                    amount(x["value"]),
                    bar(abs(x["value"]) / top, 12),
                    (f"{percent(x['share'])} % " if x["share"] is not None else "") + (x["unit"] if unit else ""),
                )
                for x in entries[:most]
            ],
            width,
        )
        if len(entries) > most:
            yield Text(f" and {len(entries) - most} more: add --csv", style="dim")
    if any(f["value"] for f in document.get("final_uses", [])):
        yield Text()
        yield from _bars(
            [(_FINAL[f["use"]], f["value"]) for f in document["final_uses"] if f["value"]], "Final use", width
        )


def flow_rows(document: Document) -> list[list[str]]:
    """Return the rows of `show --sector --csv`: what kind of neighbour, code, name, figure, unit, share."""
    rows = [["kind", "code", "name", "value", "unit", "share"]]
    for key in ("makes", "suppliers", "customers", "needs", "labour", "capital"):
        for x in document.get(key, []):
            code = next(v for k, v in x.items() if k not in ("name", "value", "unit", "share"))
            share = "" if x["share"] is None else repr(x["share"])
            rows.append([key, code, x["name"], repr(x["value"]), x["unit"], share])
    rows += [
        ["final_use", f["use"], _FINAL[f["use"]], repr(f["value"]), document["unit"], ""]
        for f in document.get("final_uses", [])
    ]
    return rows
