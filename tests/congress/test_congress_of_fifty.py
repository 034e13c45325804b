"""A congress of fifty under the shipped statute, on sixteen sectors of the United States: from credentials to tasks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.congress.house import Clock

from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.congress.assembly import Congress
from lustrum.congress.ledger import SigningKey, export_record, import_record
from lustrum.congress.plan_change import operation_of
from lustrum.congress.proof import verify
from lustrum.congress.publication import as_json, as_markdown
from lustrum.congress.statute import insert_article, load_statute
from lustrum.planning.spec import PlanSpec
from lustrum.workspace import load_plan

LINES = {
    "housing": "floor housing >= 1.02 in 2022",
    "exports": "set trade.export_band = 0.02",
    "leap": 'task "leap" output 31G_D >= 99000000 in 2024',
    "exports_far": "set trade.export_band = 0.05",
}


class Fifty:
    """Delegates d1 to d50 in session; `yes` of them vote for, the others against."""

    def __init__(self, folder: Path) -> None:
        self.path, self.key = folder / "congress", SigningKey.generate()
        self.c = Congress.create(
            self.path, self.key, name="Congress of fifty", statute=load_statute("congress"), clock=Clock("2026-05-04")
        )
        c = self.c
        self.delegates = c.credentials.issue_delegates(
            {"name": f"Delegate {k}", "person": f"p{k}", "credential": f"d{k}", "delegation": f"District {k % 7}"}
            for k in range(1, 51)
        )
        self.session = c.sessions.convene("Ordinary congress", "2026-05-04")
        c.sessions.accredit(self.session)
        c.credentials.accredit(*self.delegates)
        c.credentials.arrive(self.session, *self.delegates[:48])
        c.sessions.open(self.session)

    def bring(self, motion: str) -> str:
        """Bring a draft to debate."""
        self.c.motions.submit(motion)
        self.c.motions.admit(motion)
        self.c.motions.debate(motion)
        return motion

    def decide(self, motion: str, yes: int) -> str:
        """Vote on a motion; return its state."""
        self.hold({d: "yes" if k < yes else "no" for k, d in enumerate(self.delegates[:48])}, motion=motion)
        return self.c.state.motions[motion].status

    def hold(self, papers: dict[str, Any], **matter: str) -> dict[str, Any]:
        """Hold a ballot to its certified end; return what it does."""
        b = self.c.ballots
        ballot = b.prepare(**matter)
        b.open(ballot)
        for voter, paper in papers.items():
            b.cast(ballot, voter, paper)
        b.close(ballot)
        if b.count(ballot)["count" if "election" in matter else "tally"].get("ties"):
            b.draw_lot(ballot, "the weather at noon", "the district's gazette")
        return b.certify(ballot, "returning officer")


def elect(f: Fifty, session: str, voters: list[str], body: str, people: list[str]) -> list[str]:
    """Elect people to a body by voters who all want it so, in an order that turns; return who was elected."""
    c = f.c
    election = c.elections.call(session, body)
    c.elections.nominate(election, *people, by="the floor")
    c.elections.close_nominations(election)
    seats = c.state.elections[election].seats
    ranked = c.statutes.in_force().rules.elections[c.state.elections[election].rule].method.startswith("scottish")
    turns = {v: [*people[k % seats :], *people[: k % seats]] for k, v in enumerate(voters)}
    f.hold({v: order if ranked else people[:seats] for v, order in turns.items()}, election=election)
    made = c.elections.declare(election)
    c.mandates.begin(*made.values())
    return sorted(made)


@pytest.mark.slow
def test_a_congress_of_fifty_amends_and_adopts_a_plan_elects_and_entrusts(tmp_path: Path) -> None:
    f = Fifty(tmp_path)
    c, session, supporters = f.c, f.session, f.delegates[1:15]
    economy = load_economy("us-2019-16")
    report = c.documents.file_text("Report on the last plan", "Fulfilled.\n\nMostly.", document="report")
    motion = c.motions.draft(session, "Take note of the report", proposer="committee", document=report)
    assert f.decide(f.bring(motion), 30) == "adopted"

    spec = PlanSpec.from_text((embedded_folder("us-2019-16") / "lustrum.yaml").read_text(encoding="utf-8"))
    plan = c.documents.file_plan(spec, economy, document="plan")
    whole = f.bring(c.motions.draft(session, "Adopt the plan", proposer="d1", document=plan))
    version = c.documents.version(plan)
    moved = {
        name: f.bring(
            c.motions.amend(
                whole,
                operation_of(line, version, economy),
                proposer="d2",
                supporters=supporters,
                reach=5 if name.endswith("far") else 1,
            )
        )
        for name, line in LINES.items()
    }
    order = c.motions.fix_order(whole, economy=economy)
    assert order.index(moved["exports_far"]) < order.index(moved["exports"])
    feasible = {m: c.motions.solve(m, economy)["feasible"] for m in order if m != moved["exports"]}
    assert [name for name, m in moved.items() if feasible.get(m) is False] == ["leap"]
    for amendment in order:
        if c.state.motions[amendment].status == "debate":
            f.decide(amendment, 10 if amendment == moved["leap"] else 40)
    states = {name: c.state.motions[m].status for name, m in moved.items()}
    assert states == {"housing": "adopted", "exports_far": "adopted", "exports": "moot", "leap": "rejected"}
    assert c.motions.solve(whole, economy)["feasible"]
    assert f.decide(whole, 26) == "adopted"
    adopted = c.plans.adopt(whole, economy, tmp_path / "plans")
    solved = load_plan(tmp_path / "plans" / adopted.plan_id)
    assert solved.spec.trade.export_band == 0.05 and solved.certificate.holds

    statute = f.bring(c.motions.draft(session, "A new article", proposer="committee", document="statute"))
    added = insert_article(c.documents.version("statute"), "## Article 16. Minutes\n\nMinutes are kept.")
    f.bring(c.motions.amend(statute, added, proposer="d3", supporters=supporters))
    for motion in [*c.motions.fix_order(statute), statute]:
        assert f.decide(motion, 40) == "adopted"
    c.statutes.put_in_force()

    people = [f"p{k}" for k in range(1, 29)]
    committee = elect(f, session, f.delegates[:48], "committee", people)
    assert len(committee) == 25
    anchor = c.sessions.close(session)
    plenary = c.sessions.convene("First plenary", "2026-05-05", body="committee")
    members = c.credentials.issue_members("committee")
    c.sessions.accredit(plenary)
    c.credentials.arrive(plenary, *members)
    c.sessions.open(plenary)
    organs = {
        "audit_commission": committee[:5],
        "bureau": committee[5:12],
        "presidium": committee[5:8],
        "secretariat": committee[8:13],
        "plan_commission": committee[13:18],
    }
    for body, people in organs.items():
        assert elect(f, plenary, members, body, people) == sorted(people)
    office = c.elections.call(plenary, "general_secretary")
    c.elections.nominate(office, *committee[5:8], by="the floor")
    names = c.elections.close_nominations(office)
    first = f.hold({m: [names[k % 3]] for k, m in enumerate(members)}, election=office)
    assert first["outcome"] == "reballot" and len(first["contest"]) >= 2
    winner = first["contest"][0]
    assert f.hold({m: [winner] for m in members}, election=office)["elected"] == [winner]
    c.mandates.begin(*c.elections.declare(office).values())

    tasks = c.tasks.propose_from(solved, adopted.plan_id)
    assert len(tasks) == 16
    for k, task in enumerate(tasks):
        body = ("bureau", "secretariat")[k % 2]
        c.tasks.entrust(task, body)
        c.tasks.accept(task, by=c.mandates.of(body)[0].person)
        c.tasks.begin(task)
    speaker = c.mandates.of("bureau")[0].person
    c.tasks.report(tasks[0], 2020, c.state.tasks[tasks[0]].first(2020) * 0.97, by=speaker)
    c.tasks.verify(tasks[0], 2020, by=committee[0])
    assert round(c.tasks.register("2021-01-15")[0].fulfilment_first or 0, 6) == 0.97
    c.sessions.close(plenary)

    text = as_markdown(c, "2021-01-15")
    assert "moot" in text and adopted.certificate_hash in text and str(c.ledger.head.anchor) in text
    assert len(as_json(c)["mandates"]) == 25 + 25 + 1
    c.close()
    assert verify(f.path, anchor) == []
    import_record(export_record(f.path), tmp_path / "elsewhere")
    assert verify(tmp_path / "elsewhere", anchor, f.key.public) == []
    shutil.copy(f.path, tmp_path / "copy")
    with Congress.open(tmp_path / "copy") as again:
        assert as_markdown(again, "2021-01-15") == text
