"""Tasks: entrusted, reported, verified by someone else (rule 11), targets versioned, the register derived."""

from __future__ import annotations

import math

import pytest
from tests.congress.house import House

from lustrum.errors import BadInput, Refused


def running(house: House, body: str = "works") -> str:
    """A task of a body founded for it, in progress."""
    c = house.congress
    if body not in c.state.bodies:
        c.bodies.found("The works", body=body)
    task = c.tasks.propose("Steel", indicator="output", unit="Mt", sector="steel", targets={2026: 10.0, 2027: 12.0})
    c.tasks.entrust(task, body)
    c.tasks.accept(task, by="p1")
    c.tasks.begin(task)
    return task


def test_a_task_runs_from_proposal_to_done(house: House) -> None:
    task = running(house)
    t = house.congress.tasks
    for year, value in ((2026, 9.0), (2027, 12.5)):
        t.report(task, year, value, by="p1")
        t.verify(task, year, by="p2")
    t.done(task)
    assert house.congress.state.tasks[task].status == "done"
    rows = t.register("2030-01-01")
    assert [(r.year, r.fulfilment_first, r.status, r.overdue) for r in rows] == [
        (2026, 0.9, "verified", False),
        (2027, 12.5 / 12.0, "verified", False),
    ]


def test_rule_11_who_reports_a_task_does_not_verify_it(house: House) -> None:
    """Rule 11: neither the person, nor a member of the body that reports."""
    house.elect_committee()
    task = running(house, "committee")
    t = house.congress.tasks
    t.report(task, 2026, 9.0, by="p1")
    with pytest.raises(Refused, match="who reports a task does not verify it"):
        t.verify(task, 2026, by="p1")
    with pytest.raises(Refused, match="member of committee, which reports it"):
        t.verify(task, 2026, by="p2")
    with pytest.raises(Refused, match="does not speak for committee"):
        t.report(task, 2027, 1.0, by="p9")
    t.verify(task, 2026, by="p9")


def test_a_correction_is_a_new_row_and_a_returned_report_is_reported_again(house: House) -> None:
    task = running(house)
    t = house.congress.tasks
    assert t.report(task, 2026, 9.0, by="p1") == 1
    t.send_back(task, 2026, by="p2", remark="tons are missing")
    with pytest.raises(Refused, match=r"latest report|cannot be verified"):
        t.verify(task, 2026, by="p3")
    assert t.report(task, 2026, 9.4, by="p1") == 2
    t.verify(task, 2026, by="p2")
    with pytest.raises(Refused, match="is verified"):
        t.report(task, 2026, 11.0, by="p1")
    reports = house.congress.state.tasks[task].reports
    assert [(r.value, r.status) for r in reports] == [(9.0, "returned"), (9.4, "verified")]
    with pytest.raises(Refused, match="is not done"):
        t.done(task)


def test_targets_are_versioned_and_fulfilment_is_against_the_first_and_the_current(house: House) -> None:
    task = running(house)
    t = house.congress.tasks
    assert t.set_target(task, 2027, 8.0, reason="the mill burned down") == 2
    t.report(task, 2027, 8.0, by="p1")
    row = next(r for r in t.register("2028-01-01") if r.year == 2027)
    assert (row.first, row.current, row.fulfilment_current) == (12.0, 8.0, 1.0)
    assert row.fulfilment_first is not None and math.isclose(row.fulfilment_first, 2 / 3)
    with pytest.raises(Refused, match="corrected by a new version"):
        house.congress.reverse(house.congress.ledger.head.height - 1, "regret")
    from lustrum.congress.tasks import TargetSet

    with house.congress.acting() as act, pytest.raises(Refused, match="never overwritten"):
        act.do(TargetSet, task=task, year=2027, version=2, value=7.0, reason="again")


def test_overdue_is_derived(house: House) -> None:
    task = running(house)
    t = house.congress.tasks

    def overdue(day: str) -> list[int]:
        return [r.year for r in t.register(day) if r.overdue]

    assert overdue("2027-03-31") == [] and overdue("2027-04-01") == [2026]
    t.report(task, 2026, 9.0, by="p1")
    assert overdue("2027-04-01") == [] and overdue("2028-05-01") == [2027]
    t.send_back(task, 2026, by="p2")
    assert overdue("2027-04-01") == [2026]
    t.cancel(task, "the mill was sold")
    assert overdue("2030-01-01") == []


def test_what_is_not_a_task_is_refused(house: House) -> None:
    t = house.congress.tasks
    with pytest.raises(BadInput):
        t.propose("Nothing", indicator="output", targets={})
    with pytest.raises(BadInput, match="not a finite number"):
        t.propose("Nothing", indicator="output", targets={2026: math.inf})
    with pytest.raises(Refused, match="was not adopted here"):
        t.propose("From nowhere", indicator="output", targets={2026: 1.0}, plan="2026-01-01-001")
    task = t.propose("Alone", indicator="output", targets={2026: 1.0})
    with pytest.raises(Refused, match="entrusted to no body"):
        t.accept(task, by="p1")
    with pytest.raises(Refused, match="cannot be reported"):
        t.report(task, 2026, 1.0, by="p1")
