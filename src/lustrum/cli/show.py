"""`lustrum show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import csv_option, examples, json_option, page, print_bytes, print_json, show, workspace_option
from lustrum.errors import SpecError

if TYPE_CHECKING:
    import xarray as xr

    from lustrum.accounts.economy import Economy


@click.command(
    "show",
    short_help="Read a plan back: overview, sector, limit, table.",
    epilog=examples(
        "lustrum show",
        "lustrum show --sector 334",
        "lustrum show --limit capacity",
        "lustrum show 2026-11-23-001 --table investment --csv > investment.csv",
    ),
)
@click.argument("plan", required=False)
@click.option("--sector", metavar="CODE", help="One sector's sheet: its tasks, ways and means.")
@click.option("--limit", metavar="FAMILY", help="Marginal values of a family of limits, such as capacity.")
@click.option("--table", metavar="NAME", help="Figures of the plan: output, investment, capital, imports, …")
@click.option("--plans", is_flag=True, help="List the plans of the workspace.")
@workspace_option
@json_option
@csv_option
def command(
    plan: str | None,
    sector: str | None,
    limit: str | None,
    table: str | None,
    plans: bool,
    workspace: Path,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Read a plan back: on one screen, one sector's sheet, one limit, or one table.

    PLAN is an id, a folder, or nothing for the latest. A marginal value is what one more unit of a limit
    would add to the objective: above zero on ceilings, below zero on floors.
    """
    if sum(map(bool, (sector, limit, table, plans))) > 1:
        raise click.UsageError("--sector, --limit, --table and --plans exclude each other")
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    from lustrum.workspace import find_plan

    if plans:
        _plans(workspace, as_json, as_csv)
        return
    folder = find_plan(plan, workspace)
    if sector:
        _sector(folder, sector, as_json, as_csv)
    elif limit:
        _limit(folder, limit, as_json, as_csv)
    elif table:
        _table(folder, table, as_json, as_csv)
    else:
        _overview(folder, as_json, as_csv)


def _overview(folder: Path, as_json: bool, as_csv: bool) -> None:
    from lustrum.reporting.answers import csv_text, summary_table
    from lustrum.reporting.plan import plan_screen, warnings
    from lustrum.workspace.plans import read_json

    document = read_json(folder / "summary.json")
    if as_json:
        print_json(document)
    elif as_csv:
        print_bytes(csv_text(summary_table(document)).encode())
    else:
        show([*plan_screen(document, page().width), *warnings(document["warnings"])])


def _plans(workspace: Path, as_json: bool, as_csv: bool) -> None:
    from lustrum.reporting.answers import csv_text
    from lustrum.reporting.layout import amount, plain_table
    from lustrum.workspace import Workspace
    from lustrum.workspace.plans import read_json

    home = Workspace.open(workspace)
    found = [read_json(home.plans / i / "summary.json") for i in home.plan_ids()]
    keys = ("plan_id", "name", "status", "objective_kind", "objective")
    if as_json:
        print_json({"plans": [{k: d[k] for k in keys} | {"years": d["years"]} for d in found]})
    elif as_csv:
        print_bytes(csv_text([keys, *([str(d[k]) for k in keys] for d in found)]).encode())
    else:
        rows = [
            (
                d["plan_id"],
                d["name"],
                f"{d['years'][0]}–{d['years'][-1]}",
                d["status"],
                f"{d['objective_kind'].replace('_', ' ')} {amount(d['objective'])}",
            )
            for d in found
        ]
        columns = [("plan", "left"), ("name", "rest"), ("years", "left"), ("status", "left"), ("objective", "right")]
        show([plain_table(columns, rows)])


def _sector(folder: Path, sector: str, as_json: bool, as_csv: bool) -> None:
    from lustrum.planning.sheets import COLUMNS, sheet_rows
    from lustrum.reporting.answers import csv_text
    from lustrum.reporting.plan import sheet_screen
    from lustrum.workspace.plans import read_sheet

    sheet = read_sheet(folder, sector)
    if as_json:
        print_json(sheet)
    elif as_csv:
        print_bytes(csv_text([COLUMNS, *sheet_rows(sheet)]).encode())
    else:
        show(sheet_screen(sheet, page().width))


def _limit(folder: Path, family: str, as_json: bool, as_csv: bool) -> None:
    from lustrum.labels import unknown_label
    from lustrum.planning.families import FAMILIES
    from lustrum.planning.quantities import main_stage
    from lustrum.planning.summary import objective_unit
    from lustrum.workspace import load_plan

    plan = load_plan(folder)
    stage = main_stage(plan)
    if family not in stage.marginal_values:
        expected, mend = unknown_label(family, sorted(stage.marginal_values), "limit")
        if family in FAMILIES and (place := FAMILIES[family].place):
            mend = f"set {place} in the plan file and plan again"
        raise SpecError(f"this plan has no limit {family!r}", expected=expected, mend=mend)
    array = stage.marginal_values[family]
    title = f"Marginal values of {family.replace('_', ' ')}: gain for one more unit of the limit, by year"
    unit = f"1 = {objective_unit(plan)}"
    binding, every = int(((array != 0) & array.notnull()).sum()), int(array.notnull().sum())
    note = "all of them bind" if binding == every else f"{binding} of {every} bind; the others are not shown"
    # what does not bind says nothing on a screen; --csv and --json have every row
    array_on_screen = array.where(array != 0)
    _array(array, array_on_screen, plan.economy, "marginal_value", (title, unit, note), as_json, as_csv)


def _table(folder: Path, table: str, as_json: bool, as_csv: bool) -> None:
    from lustrum.labels import unknown_label
    from lustrum.workspace import load_plan

    plan = load_plan(folder)
    if table not in plan.values:
        expected, mend = unknown_label(table, sorted(plan.values), "table")
        raise SpecError(f"this plan has no table {table!r}", expected=expected, mend=mend)
    array = plan.values[table]
    money = plan.economy.source.money
    _array(array, array, plan.economy, "value", (f"{table.replace('_', ' ').capitalize()}", money, ""), as_json, as_csv)


def _array(
    array: xr.DataArray,
    on_screen: xr.DataArray,
    economy: Economy,
    value: str,
    words: tuple[str, str, str],
    as_json: bool,
    as_csv: bool,
) -> None:
    from rich.text import Text

    from lustrum.reporting.answers import array_screen, array_table, csv_text

    rows = array_table(array, value)
    if as_csv:
        print_bytes(csv_text(rows).encode())
    elif as_json:
        header = rows[0]
        print_json({"name": array.name, "rows": [_typed(dict(zip(header, r, strict=True)), value) for r in rows[1:]]})
    else:
        names = {d: {c: economy.name_of(d, c) for c in economy.codes(d)} for d in economy.sets}
        show(
            [
                Text(words[0], style="bold"),
                *(Text(w, style="dim") for w in words[1:] if w),
                *array_screen(on_screen, names, page().width),
            ]
        )


def _typed(row: dict[str, str], value: str) -> dict[str, Any]:
    return {k: float(v) if k == value else int(v) if k == "year" else v for k, v in row.items()}
