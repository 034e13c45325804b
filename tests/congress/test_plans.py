"""A plan before the house: solved before it is voted (rule 7), adopted exactly as amended, sealed, made into tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.congress.house import House

from lustrum.accounts.embedded import load_economy
from lustrum.congress.plan_change import operation_of
from lustrum.congress.proof import verify
from lustrum.errors import BadInput, NotVerified, Refused
from lustrum.planning.spec import PlanSpec
from lustrum.workspace import load_plan

SPEC = PlanSpec.from_text("""lustrum: 1
name: island
economy: island
adjustment: {output: {down: 0.05, up: 0.05}}
""")
ISLAND = load_economy("island")


def before_the_house(house: House) -> tuple[str, str]:
    """The plan's document, and the motion to adopt it."""
    paper = house.congress.documents.file_plan(SPEC, ISLAND, document="plan")
    return paper, house.debated("Adopt the plan", document=paper)


def change(house: House, main: str, line: str, **more: object) -> str:
    """An amendment in a planner's words, in debate."""
    return house.amended(main, operation_of(line, house.congress.documents.version("plan"), ISLAND), **more)


def test_rule_7_a_number_of_the_plan_is_solved_before_it_is_voted(house: House) -> None:
    """Rule 7."""
    _, main = before_the_house(house)
    faster = change(house, main, "set adjustment.output.up = 0.06")
    impossible = change(house, main, 'task "leap" output farms >= 1000000 in 2030')
    m = house.congress.motions
    order = m.fix_order(main, economy=ISLAND)
    ballot = house.congress.ballots.prepare(motion=order[0])
    with pytest.raises(Refused, match="solved before it is voted"):
        house.congress.ballots.open(ballot)
    result = m.solve(faster, ISLAND)
    assert result["feasible"] is True and result["objective"]
    other = m.solve(impossible, ISLAND)
    assert other["feasible"] is False and other["conflict"]
    with pytest.raises(BadInput, match="another change than this one"):
        m.attach(faster, other)
    with pytest.raises(BadInput, match="feasible"):
        m.attach(faster, {k: v for k, v in result.items() if k != "feasible"})
    frozen = house.congress.ballots.open(ballot)
    assert frozen["kind"] == "plan_amendment"


def test_rule_7_consequences_are_of_the_amendment_as_amended(house: House) -> None:
    _, main = before_the_house(house)
    faster = change(house, main, "set adjustment.output.up = 0.06")
    m = house.congress.motions
    m.solve(faster, ISLAND)
    from lustrum.congress.documents import replace_unit

    draft = m.draft_text(faster)
    value = draft.unit("text").value
    under = house.amended(main, replace_unit(draft, "text", 0.07), amends=faster)
    assert value == 0.06
    m.fix_order(main)
    m.solve(under, ISLAND)
    house.vote(under, 9)
    ballot = house.congress.ballots.prepare(motion=faster)
    with pytest.raises(Refused, match="consequences of what it was before"):
        house.congress.ballots.open(ballot)
    m.solve(faster, ISLAND)
    house.congress.ballots.open(ballot)


def test_the_adopted_plan_is_exactly_what_the_amendments_say(house: House, tmp_path: Path) -> None:
    _, main = before_the_house(house)
    c = house.congress
    faster = change(house, main, "set adjustment.output.up = 0.06")
    slower = change(house, main, "set adjustment.output.down = 0.03")
    for motion in c.motions.fix_order(main, economy=ISLAND):
        c.motions.solve(motion, ISLAND)
        house.vote(motion, 9 if motion == faster else 0, 0 if motion == faster else 9)
    with pytest.raises(Refused, match="has adopted no plan"):
        c.plans.adopt(main, ISLAND, tmp_path / "plans")
    whole = c.ballots.prepare(motion=main)
    with pytest.raises(Refused, match="solved before it is voted"):
        c.ballots.open(whole)
    c.ballots.void(whole, "not solved yet")
    assert c.motions.solve(main, ISLAND)["feasible"]
    house.vote(main, 9)
    assert (house.status(faster), house.status(slower)) == ("adopted", "rejected")
    adopted = c.plans.adopt(main, ISLAND, tmp_path / "plans")
    folder = tmp_path / "plans" / adopted.plan_id
    plan = load_plan(folder)
    wanted = PlanSpec.from_text(SPEC.to_yaml().replace("up: 0.05", "up: 0.06"))
    assert plan.spec == wanted and plan.certificate.holds
    assert c.state.plans[0].version == c.documents.version("plan").hash
    c.plans.check(adopted, folder)
    assert verify(house.path, plans=tmp_path / "plans") == []
    with pytest.raises(Refused, match="adopted already"):
        c.plans.enter(main, folder)
    tasks = c.tasks.propose_from(plan, adopted.plan_id)
    assert len(tasks) == len(ISLAND.codes("activity"))
    assert c.state.tasks[tasks[0]].plan == adopted.plan_id
    (folder / "lustrum.yaml").write_text(SPEC.to_yaml())
    with pytest.raises(NotVerified):
        c.plans.check(adopted, folder)
    assert [p.event for p in verify(house.path, plans=tmp_path / "plans")] == [
        e.height for e in c.ledger.events() if e.kind == "plan.adopted/1"
    ]


def test_another_plan_than_the_one_adopted_is_refused(house: House, tmp_path: Path) -> None:
    from lustrum.solving.solve import solve_plan
    from lustrum.workspace import save_plan

    _, main = before_the_house(house)
    house.vote(main, 9)
    other = save_plan(solve_plan(ISLAND, PlanSpec.from_text("name: other\neconomy: island")), tmp_path / "plans")
    with pytest.raises(Refused, match="not the plan that was adopted"):
        house.congress.plans.enter(main, other)
    with pytest.raises(Refused, match="other accounts"):
        house.congress.plans.adopt(main, load_economy("us-2019-16"), tmp_path / "plans")
