"""Sessions, credentials, presence, agenda, motions and ballots on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.congress.conftest import all_say, congress, debated, decided, done


def test_a_house_in_session_is_listed(house: Path) -> None:
    assert done("session", "list")["sessions"] == [
        {
            "session": "s1",
            "title": "First session",
            "body": "house",
            "date": "2026-03-02",
            "status": "open",
            "present": 9,
        }
    ]
    assert "First session" in congress("session", "list").stdout
    assert len(done("credential", "list", "--body", "house")["credentials"]) == 9
    assert done("person", "list")["people"][0]["attributes"] == {"region": "north"}
    assert {b["body"] for b in done("body", "list")["bodies"]} == {"house", "committee", "bureau", "audit", "chair"}
    assert "9 of 9" in congress("show").stdout


def test_people_come_and_go(house: Path) -> None:
    done("presence", "leave", "s1", "c1", "c2")
    assert done("presence", "list", "s1")["present"] == 7
    (house / "door.txt").write_text("c1\nc2\n", encoding="utf-8")
    assert done("presence", "arrive", "s1", "--from", "door.txt")["present"] == 9
    done("presence", "leave", "s1", "c3")
    done("presence", "proxy", "s1", "c3", "c4")
    assert done("presence", "list", "s1")["present"] == 9
    done("presence", "withdraw-proxy", "s1", "c3")
    assert done("presence", "list", "s1")["present"] == 8
    person = done("person", "register", "Late Guest", "--attribute", "region=north")["person"]
    credential = done("credential", "issue", person, "--id", "late")["credential"]
    done("credential", "accredit", credential)
    assert done("presence", "arrive", "s1", "--all")["credentials"] == ["c3", "late"]
    done("credential", "revoke", credential, "--reason", "Not a member")
    assert done("presence", "list", "s1")["members"] == 9


def test_an_agenda_is_walked(house: Path) -> None:
    first, second = (done("agenda", "place", "s1", title)["item"] for title in ("Report", "Elections"))
    done("agenda", "open", first)
    done("agenda", "close", first, "--note", "Taken note of")
    done("agenda", "defer", second)
    assert [i["status"] for i in done("agenda", "list", "s1")["agenda"]] == ["closed", "deferred"]
    assert "Taken note of" in congress("agenda", "list").stdout
    done("session", "suspend", "s1")
    done("session", "resume", "s1")
    anchor = congress("session", "close", "s1").stdout.splitlines()[-1]
    assert done("verify", "--anchor", anchor)["ok"]


def test_a_motion_is_decided_by_hand_and_by_list(house: Path) -> None:
    motion = debated("motion", "draft", "s1", "Shorter terms", "--by", "c1", motion="terms")
    opened = congress("ballot", "prepare", "--motion", motion, "--open", "--id", "b1").stdout
    assert "more than 1/2 of yes+no" in opened and "9 of 9 members present" in opened
    receipt = done("ballot", "cast", "b1", "c1", "yes")["signature"]
    assert done("ballot", "receipt", "b1", "c1")["signature"] == receipt
    assert done("ballot", "receipt", "b1", "c2", exit_code=1)["signature"] is None
    held = done("ballot", "receipt", "b1", "c1", "--check", receipt)
    assert held["signed"] is True and held["on_the_roll"] is True
    for voter, given in (("c2", receipt), ("c1", receipt[::-1]), ("c1", "mine")):
        assert done("ballot", "receipt", "b1", voter, "--check", given, exit_code=1)["signed"] is False
    assert done("ballot", "show", "b1")["result"] is None
    (house / "votes.csv").write_text("voter,vote\nc1,no\nc2,yes\nc3,no\nc4,abstain\nc99,yes\n", encoding="utf-8")
    told = done("ballot", "cast-list", "b1", "votes.csv", exit_code=1)
    assert told["taken"] == 3 and [r["line"] for r in told["refused"]] == [2, 6]
    done("ballot", "close", "b1")
    assert "Adopted: 2 in favour, 2 of 3 needed." in congress("ballot", "count", "b1").stdout
    assert "terms is adopted." in congress("ballot", "certify", "b1", "--by", "The teller").stdout
    assert done("motion", "list", "--status", "adopted")["motions"][0]["motion"] == "terms"
    assert done("ballot", "list")["ballots"][0]["outcome"] == "adopted"


def test_a_vote_is_asked_for_and_not_shown_in_the_history(house: Path) -> None:
    from click.testing import CliRunner

    from lustrum.cli import cli

    motion = debated("motion", "draft", "s1", "Aloud", "--by", "c1", motion="aloud")
    done("ballot", "prepare", "--motion", motion, "--open", "--id", "b1")
    result = CliRunner().invoke(cli, ["congress", "ballot", "cast", "b1", "c1", "--json"], input="no\n")
    assert result.exit_code == 0, result.output
    done("ballot", "close", "b1")
    assert done("ballot", "count", "b1")["tally"]["no"] == 1


@pytest.mark.parametrize(
    ("step", "status"), [("withdraw", "withdrawn"), ("refer", "referred"), ("adjourn", "adjourned")]
)
def test_a_motion_leaves_the_floor(house: Path, step: str, status: str) -> None:
    motion = debated("motion", "draft", "s1", "Something", "--by", "c1", motion="m")
    assert done("motion", step, motion, "--note", "agreed")["status"] == status
    if step != "withdraw":
        done("session", "close", "s1")
        second = done("session", "convene", "Second session", "--id", "s2")["session"]
        done("motion", "carry", motion, second)
        done("session", "accredit", second)
        done("session", "open", second)
        assert done("motion", "resume", motion)["status"] == "debate"


def test_a_void_ballot_is_held_again_and_a_step_taken_back_is_recorded(house: Path) -> None:
    motion = debated("motion", "draft", "s1", "Again", "--by", "c1", motion="again")
    done("ballot", "prepare", "--motion", motion, "--open", "--id", "b1")
    done("ballot", "void", "b1", "--reason", "The microphone failed")
    assert decided(motion, all_say("no"))["outcome"] == "rejected"
    step = done("person", "register", "By mistake")
    assert "--reason" in congress("reverse", step["events"][0]).stderr
    done("reverse", step["events"][0], "--reason", "Entered twice")
    assert all(p["name"] != "By mistake" for p in done("person", "list")["people"])
    assert [e["kind"] for e in done("log", "--last", "2")["events"]] == ["person.registered/1", "step.reversed/1"]
    assert "Entered twice" in congress("log", "--kind", "step").stdout
    thing = congress("show", "again").stdout
    assert "status: rejected" in thing and "title: Again" in thing


def test_steps_of_one_answer_are_all_or_none(house: Path) -> None:
    before = done("show")["head"]
    assert congress("credential", "issue", "p1").exit_code == 1
    (house / "more.csv").write_text("name,credential\nNew One,c10\nNew Two,c1\n", encoding="utf-8")
    assert congress("credential", "import", "more.csv").exit_code == 1
    assert done("show")["head"] == before
