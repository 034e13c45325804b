"""`lustrum economy import`: published tables to accounts ready for a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import examples, json_option, print_json, show, working

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lustrum.accounts.economy import Economy
    from lustrum.accounts.national.table import FlowTable
    from lustrum.accounts.provenance import Change
    from lustrum.accounts.readers.reconciliation import Total

#: Changes shown on the screen; all of them are in provenance.csv.
SHOWN = 12


@click.command(
    "import",
    short_help="Turn published tables into accounts ready for a plan.",
    epilog=examples(
        "lustrum economy import Scotland_IO_2019.xlsx -o scotland",
        "lustrum economy import our-table.xls --map import.yaml -o our-country",
        "lustrum economy import wiot.parquet --region SWE -o sweden",
    ),
)
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder for the accounts; it must not exist, or be empty.  [required, unless --guess]",
)
@click.option(
    "--guess",
    "guessed",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a mapping of SRC to FILE, with a comment at each guess, and show it; make no accounts.",
)
@click.option("--sheet", metavar="NAME", help="Sheet that --guess describes.  [default: the fullest]")
@click.option(
    "--format",
    "fmt",
    metavar="FORMAT",
    help="What SRC is, if the guess is wrong (an unknown name lists all).",
)
@click.option(
    "--map",
    "mapping",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Mapping file: what the rows and columns of SRC are (docs/import.md).",
)
@click.option("--year", type=int, help="Year, where SRC holds several.  [default: the latest]")
@click.option("--region", help="Country, where SRC holds several.")
@click.option(
    "--symmetric",
    type=click.Choice(["A", "B", "C", "D"]),
    metavar="MODEL",
    help="Turn supply and use into a symmetric table: A product technology, B industry technology, "
    "C fixed industry sales, D fixed product sales.  [default: supply and use stay as they are]",
)
@click.option(
    "--needs",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of product, need, share.  [default: the source's own purposes, or a shipped concordance]",
)
@click.option("--labour", metavar="NAME", help="What counts labour: jobs, hours, ...  [default: persons, hours, wages]")
@click.option(
    "--assets",
    type=click.Choice(["kinds", "one"]),
    default="kinds",
    show_default=True,
    help="Structures, equipment and intellectual property apart, or as one asset.",
)
@click.option(
    "--outside-imports",
    type=click.Choice(["product", "aside"]),
    default="product",
    show_default=True,
    help="Imports that are a row of value added: a product of their own, or left aside.",
)
@click.option("--name", default="", help="Short name of the accounts.")
@click.option("--title", default="", help="Title of the accounts.")
@json_option
def import_command(
    source: Path,
    out: Path | None,
    guessed: Path | None,
    sheet: str | None,
    fmt: str | None,
    mapping: Path | None,
    year: int | None,
    region: str | None,
    symmetric: str | None,
    needs: Path | None,
    labour: str | None,
    assets: str,
    outside_imports: str,
    name: str,
    title: str,
    as_json: bool,
) -> None:
    """Read published tables, make accounts of them, and write the accounts as a folder.

    SRC is a file or a folder. What it is is guessed, and the guess is said with its reason. Tables at purchasers'
    prices are brought to basic prices. Every figure that was moved, split or estimated on the way is in
    provenance.csv, the largest on the screen.
    """
    if guessed is not None:
        if out is not None or mapping is not None:
            raise click.UsageError("--guess writes a mapping and makes no accounts: leave -o and --map out")
        _guess(source, guessed, sheet, as_json)
        return
    if out is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if sheet is not None:
        raise click.UsageError("--sheet goes with --guess: the mapping names the sheet")
    with _asking(as_json), working("reading") as say:
        from lustrum.accounts.assemble.interpretation import Options
        from lustrum.accounts.published import import_published
        from lustrum.accounts.readers.folder import write_folder

        _require_empty(out)
        options = Options(
            name=name,
            title=title,
            needs=needs,
            labour=labour,
            assets="one" if assets == "one" else "kinds",
            outside_imports="aside" if outside_imports == "aside" else "product",
        )
        economy, found, reason, table, totals = import_published(source, mapping, fmt, year, region, symmetric, options)
        say("writing")
        write_folder(economy, out)
    if as_json:
        print_json(_document(source, out, found, reason, table, totals, economy))
        return
    show(_screen(out, found, reason, table, totals, economy))


@contextmanager
def _asking(as_json: bool) -> Iterator[None]:
    """With --json, print the questions that are open beside the error."""
    from lustrum.accounts.readers.mapped_cells import Questions

    try:
        yield
    except Questions as e:
        if not as_json:
            raise
        told = {"kind": "Questions", "exit_code": e.exit_code, "message": str(e), "what": e.what, "where": e.where}
        print_json({"error": told, "questions": e.questions})
        click.get_current_context().exit(e.exit_code)


def _guess(source: Path, target: Path, sheet: str | None, as_json: bool) -> None:
    """Write a first mapping, show the blocks that it found, and try it."""
    from lustrum.accounts.readers.guess_mapping import guess_mapping
    from lustrum.cli.economy.write import write_new
    from lustrum.errors import TableError

    if not source.is_file():
        raise TableError("--guess describes one file", where=str(source), mend="name a workbook or csv file")
    with working("looking"):
        guess = guess_mapping(source, sheet)
        write_new(target, lambda path: path.write_text(guess.text, encoding="utf-8"))
        tried, questions = _tried(source, target)
    if as_json:
        print_json(
            {
                "mapping": str(target),
                "sheet": guess.sheet,
                "blocks": guess.picture(),
                "guesses": guess.unsure,
                "questions": questions,
                "tried": tried,
            }
        )
        return
    show(_guess_screen(source, target, guess.sheet, guess.picture(), (guess.unsure, guess.open), tried))


def _tried(source: Path, target: Path) -> tuple[str, list[dict[str, Any]]]:
    """What comes of a mapping as it stands: the error, or nothing."""
    from lustrum.accounts.readers.mapped import read_mapped
    from lustrum.accounts.readers.mapped_cells import Questions
    from lustrum.accounts.readers.mapping import read_mapping
    from lustrum.accounts.readers.seam import Wanted
    from lustrum.errors import BadInput

    try:
        read_mapped(source, read_mapping(target), Wanted())
    except Questions as e:
        return str(e), e.questions
    except BadInput as e:
        return str(e), []
    return "", []


def _guess_screen(
    source: Path, target: Path, sheet: str, picture: list[list[str]], counts: tuple[int, int], tried: str
) -> Iterable[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    yield Text(f"{source.name}{': ' + sheet if sheet else ''}, as it was understood", style="bold")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    for _ in picture[0]:
        table.add_column(overflow="fold")
    for row in picture:
        table.add_row(*row)
    yield table
    yield Text()
    yield Text(f"Wrote {target}: {counts[0]} lines rest on words alone (GUESS), {counts[1]} have to be answered ('?')")
    if tried:
        yield Text("As it stands the file would not be imported:", style="bold")
        yield Text(tried)
    else:
        yield Text("As it stands every total that the file prints is met: read the guesses all the same.")
    yield Text(f"Next: look through {target}, then\n      lustrum economy import {source} --map {target} -o my-country")


def _require_empty(out: Path) -> None:
    from lustrum.errors import TableError

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TableError(
            "the folder for the accounts is not empty" if out.is_dir() else "there is a file of this name",
            where=str(out),
            expected="a new or an empty folder",
            mend="name another with -o; nothing is ever overwritten",
        )


def _residuals(table: FlowTable) -> dict[str, dict[str, Any]]:
    import numpy as np

    total = float(np.abs(table.output).sum())
    out = {}
    for name, left, labels in (
        ("rows", table.row_residuals(), table.products),
        ("columns", table.column_residuals(), table.activities),
    ):
        k = int(np.abs(left).argmax())
        out[name] = {
            "largest": float(abs(left[k])),
            "at": labels.codes[k],
            "sum": float(np.abs(left).sum()),
            "share_of_output": float(np.abs(left).sum()) / total if total else 0.0,
        }
    return out


def _document(
    source: Path,
    out: Path,
    found: str,
    reason: str,
    table: FlowTable | None,
    totals: tuple[Total, ...],
    economy: Economy,
) -> dict[str, Any]:
    return {
        "source": str(source),
        "format": found,
        "reason": reason,
        "economy": str(out),
        "name": economy.source.name,
        "title": economy.source.title,
        "base_year": economy.base_year,
        "money": economy.source.money,
        "products": economy.size("product"),
        "activities": economy.size("activity"),
        "published_residuals": None if table is None else _residuals(table),
        "reconciliation": [t.document() for t in totals],
        "questions": [],
        "provenance": [asdict(c) for c in economy.provenance],
    }


def _screen(
    out: Path, found: str, reason: str, table: FlowTable | None, totals: tuple[Total, ...], economy: Economy
) -> Iterable[RenderableType]:
    from rich.text import Text

    source = economy.source
    yield Text(f"{source.title or source.name}", style="bold")
    yield Text(f" read as {found}: {reason}")
    yield Text(
        f" {economy.size('product')} products, {economy.size('activity')} activities, base year "
        f"{economy.base_year}, {source.money or 'money unit not stated'}"
        f"{'; ' + source.publisher if source.publisher else ''}"
    )
    for name, r in ({} if table is None else _residuals(table)).items():
        yield Text(
            f" {name} as published: largest residual {r['largest']:,.4g} ({r['at']}), "
            f"{r['share_of_output']:.1e} of output in all"
        )
    if totals:
        yield Text("\nTotals that the source prints, beside what was imported", style="bold")
        yield from _reconciliation(totals)
    if economy.provenance:
        yield Text("\nWhat was moved, the largest first", style="bold")
        yield from _changes(economy.provenance, source.money)
    yield Text()
    yield Text(f"Wrote {out}")
    yield Text(f"Next: lustrum economy check {out}\n      lustrum new my-plan --economy {out}")


def _reconciliation(totals: tuple[Total, ...]) -> Iterable[RenderableType]:
    """Totals that differ first, then the largest."""
    from rich.table import Table
    from rich.text import Text

    order = sorted(totals, key=lambda t: (t.agrees, -abs(t.source)))
    table = Table(box=None, show_header=True, pad_edge=False, padding=(0, 1), header_style="dim")
    for heading in ("source", "ours", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("total", overflow="fold")
    for t in order[:SHOWN]:
        words = Text(f"{t.total}" + (f" ({t.why})" if not t.agrees else ""))
        table.add_row(
            f"{t.source:,.2f}",
            f"{t.ours:,.2f}",
            Text(f"{t.difference:,.2f}", style="" if t.agrees else "bold red"),
            words,
        )
    yield table
    rest = order[SHOWN:]
    count = sum(t.count for t in rest)
    if rest:
        yield Text(f" and {count:,} more, which agree but for rounding: --json has all", style="dim")


def _changes(provenance: tuple[Change, ...], money: str) -> Iterable[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    moved = sorted((c for c in provenance if c.amount), key=lambda c: -abs(c.amount))
    table = Table(box=None, show_header=True, pad_edge=False, padding=(0, 1), header_style="dim")
    table.add_column(money, justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    for c in moved[:SHOWN]:
        table.add_row(
            f"{c.amount:,.0f}",
            f"{c.share:.1%}" if c.of else "",
            Text.assemble((c.step, "bold"), f" {c.where}: {c.what}"),
        )
    yield table
    rest = len(moved) - len(moved[:SHOWN])
    still = len(provenance) - len(moved)
    more = [f"{rest} smaller" if rest else "", f"{still} remarks without an amount" if still else ""]
    if any(more):
        yield Text(" and " + ", ".join(m for m in more if m) + ": provenance.csv has all", style="dim")
