"""Documents, the statute and the plan on the command line: amended, put in order, solved, adopted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.congress.conftest import all_say, congress, debated, decided, done

REPORT = "# Report\n\nFulfilled.\n\nMostly.\n"


def test_a_report_is_amended_and_its_versions_stay(house: Path) -> None:
    (house / "report.md").write_text(REPORT, encoding="utf-8")
    first = done("document", "file", "Report on the last plan", "report.md", "--id", "report")
    assert first["units"] == ["p1", "p2", "p3"]
    assert "[p2] Fulfilled." in congress("document", "show", "report", "--units").stdout
    whole = debated("motion", "draft", "s1", "Take note", "--by", "c1", "--document", "report", motion="note")
    changes = [
        debated("document", "amend", whole, "p2", "--by", "c2", "--replace", "Fulfilled twice.", motion="a1"),
        debated("document", "amend", whole, "p2", "--by", "c3", "--delete", motion="a2"),
        debated("document", "amend", whole, "p3", "--by", "c4", "--insert", "Thanks to all.", motion="a3"),
    ]
    less = debated("amendment", "amend", "a3", "Thanks to some.", "--by", "c5", motion="a4")
    order = done("amendment", "order", whole)["order"]
    assert order[0] == less and set(order) == {*changes, less}
    assert [decided(m, all_say("yes"))["outcome"] for m in order if m != "a2"] == ["adopted"] * 3
    assert done("motion", "list", "--to", whole)["motions"][1]["status"] == "moot"
    decided(whole, all_say("yes"))
    shown = congress("document", "show", "report").stdout
    assert "Fulfilled twice." in shown and "Thanks to some." in shown
    assert "Fulfilled.\n" in congress("document", "show", "report", "--hash", first["version"][7:20]).stdout
    redline = congress("document", "redline", "report").stdout
    assert "twice" in redline and "{+Thanks to some.+}" in redline
    assert len([d for d in done("document", "list")["documents"] if d["document"] == "report"]) == 2


def test_the_statute_is_amended_and_takes_effect(house: Path) -> None:
    whole = debated("motion", "draft", "s1", "Proxies", "--by", "c1", "--document", "statute", motion="proxies")
    (house / "three.md").write_text(
        "## Article 3. Proxies\n\nIn person.\n\n```yaml\nproxies: {allowed: false}\n```\n", encoding="utf-8"
    )
    (house / "four.md").write_text("## Article 4. Minutes\n\nMinutes are kept.\n", encoding="utf-8")
    debated("statute", "amend", whole, "--by", "c1", "--article", "three.md", motion="three")
    debated("statute", "amend", whole, "--by", "c1", "--article", "four.md", motion="four")
    before = done("statute", "show")
    assert before["rules"]["proxies"]["allowed"] is True
    for motion in [*done("amendment", "order", whole)["order"], whole]:
        decided(motion, all_say("yes"))
    assert done("statute", "show")["rules"]["proxies"]["allowed"] is True
    done("statute", "in-force")
    assert done("statute", "show")["rules"]["proxies"]["allowed"] is False
    assert congress("statute", "show", "--article", "4").stdout == "## Article 4. Minutes\n\nMinutes are kept.\n"
    assert congress("presence", "proxy", "s1", "c1", "c2").exit_code == 1
    assert "{+false+}" in congress("document", "redline", "statute").stdout


def test_the_shipped_statutes_are_listed() -> None:
    assert {s["name"] for s in done("statute", "list")["statutes"]} >= {"congress", "votes-cast", "all-members"}


@pytest.mark.slow
def test_a_plan_is_amended_knowing_the_cost_and_adopted_as_amended(house: Path) -> None:
    done("document", "file-plan", "--id", "plan")
    whole = debated("motion", "draft", "s1", "Adopt the plan", "--by", "c1", "--document", "plan", motion="adopt")
    told = congress("amendment", "explain", whole, "floor food household=town >= 1.2 in 2028")
    assert told.exit_code == 0 and "There is such a plan" in told.stdout
    assert "There is no such plan" in congress("amendment", "explain", whole, "floor food >= 1.9").stdout
    assert done("motion", "list", "--to", whole)["motions"] == []
    line = "floor food household=town >= 1.2 in 2028"
    made = congress("amendment", "propose", whole, line, "--by", "c2", "--id", "a1", "--explain")
    assert made.exit_code == 0 and "a1: consequences attached" in made.stdout and "Gain, of the needs" in made.stdout
    done("amendment", "propose", whole, "floor food household=town >= 1.1 in 2028", "--by", "c3", "--id", "a2")
    done("amendment", "propose", whole, "floor goods household=town >= 1.9", "--by", "c4", "--id", "a3", "--reach", "9")
    both = done("amendment", "combine", "a1", "a2", exit_code=1)
    assert both["status"] == "clash"
    done("motion", "submit", "a1", "a2", "a3")
    done("motion", "admit", "a1", "a2", "a3")
    done("motion", "debate", "a1", "a2", "a3")
    order = done("amendment", "order", whole)
    assert {"a1", "a2"} <= set(order["order"]) and order["incompatible"]
    assert decided("a1", all_say("yes"))["moot"].keys() == {"a2"}
    unsolved = done("ballot", "prepare", "--motion", "a3")["ballot"]
    assert "solved before it is voted" in congress("ballot", "open", unsolved).stderr
    assert not done("amendment", "solve", "a3")["consequences"]["a3"]["feasible"]
    assert "These cannot be had together" in congress("amendment", "show", "a3").stdout
    done("ballot", "void", unsolved, "--reason", "opened anew")
    assert decided("a3", all_say("no"))["outcome"] == "rejected"
    done("amendment", "solve", whole)
    decided(whole, all_say("yes"))
    adopted = done("plan", "adopt", whole)
    assert (house / "plans" / adopted["plan_id"] / "certificate.json").is_file()
    assert done("plan", "check")["ok"] and done("plan", "list")["plans"][0]["motion"] == whole
    assert congress("plan", "enter", whole, f"plans/{adopted['plan_id']}").exit_code == 1
    assert "1.2" in congress("document", "show", "plan").stdout
    _entrust(adopted["plan_id"])
    assert done("verify", "--plans", "plans")["ok"]
    file = house / "plans" / adopted["plan_id"] / "lustrum.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert congress("plan", "check").exit_code == 1
    assert adopted["plan_id"] in done("verify", "--plans", "plans", exit_code=1)["problems"][0]["what"]


def _entrust(plan: str) -> None:
    """Tasks from the plan's sheets, entrusted, reported and verified by someone else."""
    done("body", "found", "The works", "--id", "works")
    tasks = done("task", "from-plan", "--entrust", "works")["tasks"]
    assert all(t.startswith(plan) for t in tasks)
    done("task", "accept", *tasks, "--by", "p1")
    done("task", "begin", tasks[0])
    year = done("task", "register", "--day", "2032-01-01")["register"][0]["year"]
    done("task", "report", tasks[0], str(year), "0.1", "--by", "p1")
    assert "does not verify" in congress("task", "verify", tasks[0], str(year), "--by", "p1").stderr
    done("task", "return", tasks[0], str(year), "--by", "p2", "--remark", "count again")
    done("task", "report", tasks[0], str(year), "0.2", "--by", "p1")
    assert done("task", "verify", tasks[0], str(year), "--by", "p2")["status"] == "verified"
    assert congress("task", "done", tasks[0]).exit_code == 1
    version = done("task", "set-target", tasks[1], str(year), "5", "--reason", "Readjusted")["version"]
    assert version == 2
    done("task", "cancel", tasks[2], "--reason", "Closed")
    rows = done("task", "register", "--day", "2040-01-01", "--overdue")["register"]
    assert rows and all(r["overdue"] for r in rows)
    own = done("task", "propose", "Trees", "--indicator", "planted", "--unit", "thousand", "--target", "2027=12")[
        "task"
    ]
    assert "Trees" in congress("task", "register", "--year", "2027").stdout
    done("task", "entrust", own, "works")
