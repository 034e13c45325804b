"""A whole congress, from the roll to the published record, on the accounts of the United States.

    python examples/congress/play.py                                  71 sectors, about three minutes
    python examples/congress/play.py --economy us-2019-16             16 sectors, less than a minute
    python examples/congress/play.py --second-install                 its record verified by a second installation

Two hundred and fifty delegates hear the report on the last plan, decide on twelve motions and thirty amendments to the
plan, amend the statute, adopt the plan, elect a committee, which elects its organs, and entrust a task for each sector.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from business import MINUTES, MOTIONS, REPORT, amendments
from hall import Hall, run
from second_install import second_install

from lustrum.accounts.economy import Economy
from lustrum.congress.plan_change import operation_of
from lustrum.congress.statute import insert_article
from lustrum.planning.quantities import consumption_per_head
from lustrum.scenario.consequences import solved
from lustrum.workspace import Workspace, load_plan

ORGANS = (("audit_commission", 5), ("bureau", 7), ("presidium", 3), ("secretariat", 5), ("plan_commission", 5))
#: Sectors that make metal and food, by economy.
SECTORS = {"us-2019": ("331", "311FT"), "us-2019-16": ("31G_D", "31G_ND")}


def main() -> None:
    """Play, and print what came of it."""
    parser = argparse.ArgumentParser(description="A whole congress.")
    parser.add_argument("--economy", default="us-2019", choices=sorted(SECTORS))
    parser.add_argument("--delegates", type=int, default=250, help="at least 60")
    parser.add_argument("--folder", type=Path, help="a new folder for it [default: a temporary one]")
    parser.add_argument(
        "--second-install",
        choices=["own", "shared"],
        nargs="?",
        const="own",
        help="verify with a package installed anew: with dependencies of its own, or those that are here",
    )
    given = parser.parse_args()
    folder = (given.folder or Path(tempfile.mkdtemp()) / "congress").resolve()
    begun, used = time.monotonic(), time.process_time()
    hall = Hall(folder, given.economy, given.delegates)
    home = Workspace.open(folder)
    spec, _ = home.plan_file()
    economy = home.economy(spec)
    figures: dict[str, Any] = {"economy": given.economy, "delegates": len(hall.delegates), "present": len(hall.present)}
    figures["motions"] = motions(hall)
    figures["report"] = report(hall)
    figures |= plan(hall, economy, given.economy)
    figures["statute"] = statute(hall)
    candidates = hall.random.sample([f"p{k}" for k in range(1, given.delegates + 1)], 40)
    committee = hall.elect(hall.session, "committee", candidates, hall.present)
    anchor = hall.congress.sessions.close(hall.session)
    figures |= {"committee": len(committee), **plenary(hall, committee)}
    figures["tasks"] = tasks(hall, figures["plan_id"])
    hall.congress.close()
    figures |= published(hall, anchor, given.second_install)
    figures |= {"seconds": round(time.monotonic() - begun, 1), "cpu_seconds": round(time.process_time() - used, 1)}
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def motions(hall: Hall) -> dict[str, int]:
    """Twelve motions: most are voted, one is withdrawn, one referred."""
    m, out = hall.congress.motions, []
    for k, (title, fate) in enumerate(MOTIONS):
        motion = m.draft(hall.session, title, proposer=hall.delegates[k], supporters=hall.delegates[20:24])
        hall.bring(motion)
        if fate == "withdrawn":
            m.withdraw(motion, "the mover is content with the answer")
        elif fate == "referred":
            m.refer(motion, "to the committee")
        else:
            hall.decide(motion, fate == "adopted")
        out.append(hall.congress.state.motions[motion].status)
    return tally(out)


def report(hall: Hall) -> str:
    """The report on the last plan, amended and taken note of."""
    c = hall.congress
    (hall.folder / "report.md").write_text(REPORT, encoding="utf-8")
    hall.lustrum("congress", "document", "file", "Report on the last plan", "report.md", "--id", "report")
    whole = c.motions.draft(hall.session, "Take note of the report", proposer="committee", document="report")
    hall.bring(whole)
    words = [
        "congress",
        "document",
        "amend",
        whole,
        "p5",
        "--by",
        "d1",
        "--replace",
        "The congress asks that the next plan begin with dwellings.",
    ]
    change = hall.lustrum(*words)["motion"]
    hall.bring(change)
    for motion in [*c.motions.fix_order(whole), whole]:
        hall.decide(motion, True)
    return c.state.motions[whole].status


def plan(hall: Hall, economy: Economy, name: str) -> dict[str, Any]:
    """The plan: thirty amendments and one to an amendment, each solved before its vote; then the whole, adopted."""
    c = hall.congress
    paper = hall.lustrum("congress", "document", "file-plan", "--id", "plan")["document"]
    whole = c.motions.draft(hall.session, "Adopt the plan", proposer="committee", document=paper)
    hall.bring(whole)
    version, (metal, food) = c.documents.version(paper), SECTORS[name]
    before = solved(economy, load_spec(hall))
    reached = float(before.values["output"].sel(activity=metal, year=2024))
    per_head = [dict(zip(economy.codes("need"), consumption_per_head(before, year), strict=True)) for year in range(6)]
    moved = amendments(lambda need, year: float(per_head[year - 2019][need]), metal, food, 1.02 * reached)
    wanted = {}
    for k, one in enumerate(moved):
        motion = c.motions.amend(
            whole,
            operation_of(one.line, version, economy),
            proposer=hall.delegates[k],
            title=one.line,
            supporters=hall.delegates[50:54],
            reach=one.reach,
        )
        wanted[motion] = one.wanted
    less = hall.lustrum(
        "congress", "amendment", "amend", list(wanted)[15], "0.045", "--by", "d60", "--support", "d51,d52,d53,d54"
    )["motion"]
    wanted[less] = True
    hall.bring(*wanted)
    order = c.motions.fix_order(whole, economy=economy)
    feasible = []
    for motion in order:
        if c.state.motions[motion].status != "debate":
            continue  # moot: an amendment that excludes it has passed
        feasible.append(c.motions.solve(motion, economy)["feasible"])
        hall.decide(motion, wanted[motion] and feasible[-1])
    together = c.motions.solve(whole, economy)
    hall.decide(whole, True)
    adopted = c.plans.adopt(whole, economy, hall.folder / "plans")
    return {
        "amendments": len(moved),
        "amendments_to_amendments": 1,
        "excluding_pairs": len(c.state.motions[whole].incompatible),
        "solved_before_vote": len(feasible),
        "infeasible": feasible.count(False),
        "amendments_became": tally([c.state.motions[m].status for m in order]),
        "plan": c.state.motions[whole].status,
        "plan_id": adopted.plan_id,
        "certificate": adopted.certificate_hash,
        "objective_changes_by": together["objective"]["relative"],
    }


def load_spec(hall: Hall) -> Any:
    """The plan file as it was filed."""
    return Workspace.open(hall.folder).plan_file()[0]


def statute(hall: Hall) -> str:
    """A new article of the statute, in force at once."""
    c = hall.congress
    whole = c.motions.draft(hall.session, "Minutes", proposer="committee", document="statute")
    hall.bring(whole)
    change = c.motions.amend(whole, insert_article(c.documents.version("statute"), MINUTES), proposer="committee")
    hall.bring(change)
    for motion in [*c.motions.fix_order(whole), whole]:
        hall.decide(motion, True)
    return c.statutes.put_in_force()


def plenary(hall: Hall, committee: list[str]) -> dict[str, Any]:
    """The first plenary of the committee: five organs, and a general secretary after a re-ballot."""
    c = hall.congress
    session = c.sessions.convene("First plenary", "2019-11-27", body="committee")
    members = c.credentials.issue_members("committee")
    c.sessions.accredit(session)
    c.credentials.arrive(session, *members)
    c.sessions.open(session)
    seats: dict[str, list[str]] = {}
    for organ, _ in ORGANS:
        people = [p for p in committee if organ == "plan_commission" or p not in seats.get("audit_commission", [])]
        seats[organ] = hall.elect(session, organ, people, members)
    office = c.elections.call(session, "general_secretary")
    candidates = [p for p in committee if p not in seats["audit_commission"]][:3]
    c.elections.nominate(office, *candidates, by="the floor")
    c.elections.close_nominations(office)
    rounds = [hall.hold({m: [candidates[k % 3]] for k, m in enumerate(members)}, election=office)]
    while rounds[-1]["outcome"] == "reballot":
        rounds.append(
            hall.hold({m: [rounds[-1]["contest"][k % 5 == 0]] for k, m in enumerate(members)}, election=office)
        )
    c.mandates.begin(*c.elections.declare(office).values())
    c.sessions.close(session)
    return {"organs": {organ: len(people) for organ, people in seats.items()}, "office_rounds": len(rounds)}


def tasks(hall: Hall, plan_id: str) -> dict[str, Any]:
    """A task for every sector, entrusted in turn; some are accepted, begun, reported, verified or returned."""
    c = hall.congress
    made = c.tasks.propose_from(load_plan(hall.folder / "plans" / plan_id), plan_id)
    bodies = ("bureau", "secretariat", "plan_commission")
    auditor = c.mandates.of("audit_commission")
    for k, task in enumerate(made):
        body = bodies[k % 3]
        speakers = {m.person for m in c.mandates.of(body)}
        outside = next(m.person for m in auditor if m.person not in speakers)
        speaker = min(speakers)
        c.tasks.entrust(task, body)
        if k % 7 == 6:
            continue
        c.tasks.accept(task, by=speaker)
        if k % 2:
            continue
        c.tasks.begin(task)
        target = c.state.tasks[task].first(2020)
        c.tasks.report(task, 2020, target * (0.95 + 0.01 * (k % 9)), by=speaker)
        if k % 8 == 0:
            c.tasks.send_back(task, 2020, by=outside, remark="count again")
            c.tasks.report(task, 2020, target * 0.97, by=speaker, text="counted again")
        if k % 4 == 0:
            c.tasks.verify(task, 2020, by=outside)
    c.tasks.set_target(made[0], 2022, c.state.tasks[made[0]].first(2022) * 1.01, reason="the congress asked for more")
    return {"entrusted": len(made), **tally([t.status for t in c.state.tasks.values()])}


def published(hall: Hall, anchor: str, second: str | None) -> dict[str, Any]:
    """The record written for people and programs, exported, and verified: here, and by a second installation."""
    hall.lustrum("congress", "publish", "--day", "2021-04-15", "-o", "record.md")
    hall.lustrum("congress", "publish", "--day", "2021-04-15", "--format", "json", "-o", "record.json")
    exported = hall.lustrum("congress", "export", "ledger.json")
    found = hall.lustrum("congress", "verify", "ledger.json", "--anchor", anchor)
    out = {
        "events": found["head"]["height"],
        "anchor": anchor,
        "verified": found["ok"],
        "exported_bytes": exported["bytes"],
    }
    if second is None:
        return out
    program, where = second_install(hall.folder / "second", own=second == "own")
    again = run(
        program, ["congress", "verify", str(hall.folder / "ledger.json"), "--anchor", anchor], hall.folder / "second"
    )
    return out | {"second_install": where, "verified_there": again["ok"] and again["head"] == found["head"]}


def tally(words: list[str]) -> dict[str, int]:
    """Count words."""
    return {word: words.count(word) for word in dict.fromkeys(words)}


if __name__ == "__main__":
    main()
