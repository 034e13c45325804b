"""`lustrum whatif`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lustrum.cli.output import (
    Say,
    examples,
    interruptible,
    json_option,
    note,
    page,
    print_json,
    show,
    working,
    workspace_option,
)
from lustrum.errors import SpecError

if TYPE_CHECKING:
    from lustrum.scenario.change import Case
    from lustrum.scenario.scenario import Scenario
    from lustrum.scenario.whatif import Answer
    from lustrum.workspace import Workspace


@click.command(
    "whatif",
    short_help="Change something, solve again, and see who gains and who pays.",
    epilog=examples(
        'lustrum whatif "floor housing >= 1.04 in 2022"',
        'lustrum whatif "stop imports 334 in 2021-2022"',
        'lustrum whatif "lose 10% of structures 23 in 2021" "scale labour 0.98" --save',
        'lustrum whatif "scale labour 0.98 in 2021-2022" --case cases/fewer-workers.yaml',
    ),
)
@click.argument("lines", nargs=-1, metavar="[LINE]...")
@click.option(
    "--case",
    "case_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the changes from a case; with LINEs, write them to a new one.",
)
@click.option("--plan", "plan_id", metavar="PLAN", help="The plan to compare with: an id; default: the latest.")
@click.option("--save", is_flag=True, help="Keep the plan with its changes as a plan of its own.")
@click.option("--no-conflict", is_flag=True, help="Where there is no such plan, do not look for the reason.")
@workspace_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    lines: tuple[str, ...],
    case_file: Path | None,
    plan_id: str | None,
    save: bool,
    no_conflict: bool,
    workspace: Path,
    as_json: bool,
) -> None:
    """The plan with one or more changes, beside the plan without: who gains, who pays, what then holds it back.

    A LINE is one change: `floor NEED >= 1.1 in 2022`, `imports PRODUCT <= 0.5`, `stop imports PRODUCT`,
    `scale DATUM 0.98 in 2021-2022`, `lose 10% of ASSET ACTIVITY in 2021`, `set PARAMETER = VALUE`, `task …`,
    `delete ENTRY`: docs/whatif.md has them all. Nothing of the workspace is changed but by --save and --case.
    Where there is no such plan, the first answer is how far the change can go; then comes why.
    """
    from lustrum.scenario.whatif import ask, conflict_of, document

    lines = tuple(line for line in lines if line.strip())
    if not lines and case_file is None:
        raise click.UsageError('name a change, such as "floor housing >= 1.04 in 2022", or a case: --case FILE')
    with working("reading the accounts") as say:
        case = _case(lines, case_file)
        home, scenario, base = _scenario(workspace, plan_id, say)
        answer = interruptible(lambda: ask(scenario, case, say))
        if lines and case_file is not None:
            _write_case(case, case_file)
        saved = _save(home, answer) if save else None
        found = document(answer, base, saved)
    if not as_json:
        from lustrum.reporting.whatif import conflict_lines, whatif_screen

        show(whatif_screen(found, page().width))
    if not answer.has_plan and not no_conflict:
        with working("looking for what clashes") as say:
            conflict = interruptible(lambda: conflict_of(answer, say))
        found = document(answer, base, saved, conflict)
        if not as_json:
            if conflict is not None:
                show(conflict_lines(found))
            else:
                note("note: the reason was not found in time")
    if as_json:
        print_json(found)
    if not answer.has_plan:
        ctx.exit(1)


def _case(lines: tuple[str, ...], file: Path | None) -> Case:
    from lustrum.scenario.change import Case

    if not lines and file is not None:
        return Case.read(file)
    if file is not None and file.exists():
        raise SpecError(
            "a case of this name is there already",
            where=str(file),
            expected="a new file, or no LINE to read this one",
            mend="choose another name",
        )
    return Case(file.stem if file is not None else "", *lines)


def _write_case(case: Case, file: Path) -> None:
    from lustrum.workspace.aside import write_through

    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.new")
    write_through(aside, case.to_yaml().encode())
    aside.replace(file)


def _scenario(workspace: Path, plan_id: str | None, say: Say) -> tuple[Workspace, Scenario, str | None]:
    """The scenario of the workspace, near a plan that was saved; solved now where none is of today's plan file."""
    from lustrum.scenario.scenario import Scenario
    from lustrum.workspace import Workspace, find_plan, load_plan
    from lustrum.workspace.making import workspace_scenario

    home = Workspace.open(workspace)
    if plan_id is not None:
        folder = find_plan(plan_id, workspace)
        return home, Scenario.of(load_plan(folder)), folder.name
    scenario, base = workspace_scenario(home, say)
    if base is None:
        say("no plan of this plan file yet: solving it first")
        interruptible(lambda: scenario.plan)
    return home, scenario, base


def _save(home: Workspace, answer: Answer) -> str | None:
    """Keep the plan of a case with the plan file that makes it again."""
    from lustrum.workspace import save_plan

    if answer.plan is None or not answer.has_plan:
        raise SpecError("there is no such plan to save", mend="leave --save out, or ask for less")
    outside = answer.result.program.outside
    if outside:
        raise SpecError(
            "this change cannot be written into a plan file, so its plan cannot be saved",
            where=str(outside[0]),
            mend="say it as a floor, a ceiling, a task, a parameter or a datum",
        )
    plan: Any = answer.plan
    name = answer.result.case.name or "; ".join(answer.lines)
    spec = plan.spec.model_validate({**plan.spec.model_dump(by_alias=True), "name": f"{plan.spec.name}: {name}"[:120]})
    return save_plan(replace(plan, spec=spec), home.plans).name
