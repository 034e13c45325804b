"""How the files of this folder were made, on 1 December 2026 with version 02003b2:

    PYTHONPATH=src:. python tests/congress/old/make.py FOLDER

A house of nine amends a report, its statute and the plan of the island, elects a committee, entrusts tasks and takes a
step back, all by commands. It leaves `lustrum.db`, its key, the exported `ledger.json`, and the record as `record.json`
and `record.md`. Later versions must read, verify and publish these files as this one did (`test_old_records.py`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from click.testing import CliRunner
from tests.cli.congress.conftest import all_say, congress, debated, decided, done
from tests.congress.house import statute

from lustrum.cli import cli

REPORT = "# Report\n\nFulfilled.\n\nMostly.\n"
PEOPLE = ("p1", "p2", "p3", "p4", "p5")


def founded(folder: Path) -> None:
    """A house in session, one proxy given, one item on the agenda."""
    assert CliRunner().invoke(cli, ["new", str(folder), "--economy", "island"]).exit_code == 0
    os.chdir(folder)
    vacancies = "    vacancies: next_in_count\n    quotas: [{attribute: region, value: north, at_least: 1}]\n"
    Path("statute.md").write_text(statute(quotas=vacancies), encoding="utf-8")
    rows = [f"Member {k},p{k},c{k},Street {k % 3},{'north' if k % 2 else 'south'}" for k in range(1, 10)]
    Path("roll.csv").write_text("\n".join(["name,person,credential,delegation,region", *rows]), encoding="utf-8")
    done("new", "House", "--statute", "statute.md")
    done("credential", "import", "roll.csv", "--accredit")
    done("session", "convene", "First session", "--date", "2026-03-02", "--id", "s1")
    done("session", "accredit", "s1")
    done("presence", "arrive", "s1", "--all")
    done("session", "open", "s1")
    done("presence", "leave", "s1", "c9")
    done("presence", "proxy", "s1", "c9", "c8")
    done("presence", "withdraw-proxy", "s1", "c9")
    done("presence", "arrive", "s1", "c9")
    item = done("agenda", "place", "s1", "Report")["item"]
    done("agenda", "open", item)
    done("agenda", "close", item, "--note", "Taken note of")


def texts() -> None:
    """A report and the statute are amended; motions leave the floor; a ballot is void; a step is taken back."""
    Path("report.md").write_text(REPORT, encoding="utf-8")
    done("document", "file", "Report on the last plan", "report.md", "--id", "report")
    whole = debated("motion", "draft", "s1", "Take note", "--by", "c1", "--document", "report", motion="note")
    debated("document", "amend", whole, "p2", "--by", "c2", "--replace", "Fulfilled twice.", motion="a1")
    debated("document", "amend", whole, "p2", "--by", "c3", "--delete", motion="a2")
    debated("document", "amend", whole, "p3", "--by", "c4", "--insert", "Thanks to all.", motion="a3")
    debated("amendment", "amend", "a3", "Thanks to some.", "--by", "c5", motion="a4")
    for motion in done("amendment", "order", whole)["order"]:
        if motion != "a2":
            decided(motion, all_say("yes"))
    decided(whole, all_say("yes"))
    whole = debated("motion", "draft", "s1", "Minutes", "--by", "c1", "--document", "statute", motion="minutes")
    Path("four.md").write_text("## Article 4. Minutes\n\nMinutes are kept.\n", encoding="utf-8")
    debated("statute", "amend", whole, "--by", "c1", "--article", "four.md", motion="four")
    for motion in [*done("amendment", "order", whole)["order"], whole]:
        decided(motion, all_say("yes"))
    done("statute", "in-force")
    motion = debated("motion", "draft", "s1", "Again", "--by", "c1", motion="again")
    done("ballot", "prepare", "--motion", motion, "--open", "--id", "failed")
    done("ballot", "void", "failed", "--reason", "The microphone failed")
    decided(motion, all_say("no"))
    done("motion", "refer", debated("motion", "draft", "s1", "Elsewhere", "--by", "c2", motion="elsewhere"))
    done("motion", "withdraw", debated("motion", "draft", "s1", "Not so", "--by", "c3", motion="not-so"))
    step = done("person", "register", "By mistake")
    done("reverse", step["events"][0], "--reason", "Entered twice")


def plan() -> None:
    """The plan is amended knowing the cost, adopted, solved and sealed; a task of it is reported and verified."""
    done("document", "file-plan", "--id", "plan")
    whole = debated("motion", "draft", "s1", "Adopt the plan", "--by", "c1", "--document", "plan", motion="adopt")
    line = "floor food household=town >= 1.2 in 2028"
    done("amendment", "propose", whole, line, "--by", "c2", "--id", "b1", "--explain")
    done("amendment", "propose", whole, "floor goods household=town >= 1.9", "--by", "c4", "--id", "b2", "--explain")
    for step in ("submit", "admit", "debate"):
        done("motion", step, "b1", "b2")
    order = done("amendment", "order", whole)["order"]
    for motion in order:
        decided(motion, all_say("yes" if motion == "b1" else "no"))
    done("amendment", "solve", whole)
    decided(whole, all_say("yes"))
    done("plan", "adopt", whole)
    done("body", "found", "The works", "--id", "works")
    task, *others = done("task", "from-plan", "--entrust", "works")["tasks"]
    done("task", "accept", task, "--by", "p1")
    done("task", "begin", task)
    year = str(done("task", "register", "--day", "2032-01-01")["register"][0]["year"])
    done("task", "report", task, year, "0.1", "--by", "p1")
    done("task", "return", task, year, "--by", "p2", "--remark", "count again")
    done("task", "report", task, year, "0.2", "--by", "p1")
    done("task", "verify", task, year, "--by", "p2")
    done("task", "set-target", others[0], year, "5", "--reason", "Readjusted")
    done("task", "cancel", others[1], "--reason", "Closed")


def seats() -> None:
    """A committee is elected in a secret ballot with a lot; a seat is filled from the count, one recalled, and ballots
    are taken from elsewhere."""
    done("election", "call", "s1", "committee", "--id", "e1")
    done("election", "nominate", "e1", *PEOPLE, "p6", "p7", "--by", "the floor")
    done("election", "withdraw", "e1", "p7")
    done("election", "close", "e1")
    six = (*PEOPLE, "p6")
    ballot = done("ballot", "prepare", "--election", "e1", "--open")["ballot"]
    for k in range(1, 10):
        done("ballot", "cast", ballot, f"c{k}", " > ".join([*six[k % 6 :], *six[: k % 6]]))
    done("ballot", "close", ballot)
    done("ballot", "count", ballot)
    done("ballot", "lot", ballot, "--seed", "7 19 23 31 40 44", "--source", "State lottery of 1 December")
    done("ballot", "certify", ballot, "--by", "The teller")
    made = done("election", "declare", "e1", "--begin")["mandates"]
    second, first, *_ = made.values()
    done("mandate", "resign", first, "--reason", "Moves away")
    done("mandate", "fill", first)
    recall = debated("motion", "draft", "s1", "Recall", "--by", "c1", "--recalls", second, motion="recall")
    decided(recall, all_say("yes"))
    done("mandate", "recall", second, recall)
    done("election", "call", "s1", "committee", "--id", "e2")
    done("election", "nominate", "e2", "p7", "p8", "--by", "the floor")
    done("election", "close", "e2")
    ballot = done("ballot", "prepare", "--election", "e2")["ballot"]
    Path("hall.csv").write_text("weight,p7,p8\n5,1,2\n3,2,1\n", encoding="utf-8")
    done("ballot", "import", ballot, "hall.csv", "--voters", "9", "--source", "Hall B")
    done("ballot", "count", ballot)
    done("ballot", "certify", ballot, "--by", "The teller")


def main(folder: str) -> None:
    """Make the files in a new folder."""
    founded(Path(folder).resolve())
    texts()
    plan()
    seats()
    done("session", "close", "s1")
    done("export", "ledger.json")
    done("publish", "--format", "json", "-o", "record.json", "--day", "2030-01-01")
    assert congress("publish", "-o", "record.md", "--day", "2030-01-01").exit_code == 0
    assert done("verify")["ok"]


if __name__ == "__main__":
    main(sys.argv[1])
