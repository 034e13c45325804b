"""Elections, mandates and imported ballots on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.congress.conftest import all_say, congress, debated, decided, done

from lustrum.congress.voting import Ballots, count, read_blt

PEOPLE = ("p1", "p2", "p3", "p4", "p5", "p6")


def called(body: str, *people: str, session: str = "s1") -> str:
    election = str(done("election", "call", session, body)["election"])
    done("election", "nominate", election, *people, "--by", "the floor")
    done("election", "close", election)
    return election


def test_a_committee_is_elected_and_its_seats_are_held(house: Path) -> None:
    election = str(done("election", "call", "s1", "committee", "--id", "e1")["election"])
    done("election", "nominate", election, *PEOPLE, "p7", "--by", "the floor")
    done("election", "withdraw", election, "p7")
    assert done("election", "close", election)["candidates"] == list(PEOPLE)
    turns = {f"c{k}": " > ".join([*PEOPLE[k % 5 :], *PEOPLE[: k % 5]]) for k in range(1, 10)}
    ballot = done("ballot", "prepare", "--election", election, "--open")["ballot"]
    for voter, paper in turns.items():
        secret = done("ballot", "cast", ballot, voter, paper)
        assert secret["events"] == []
    (house / "votes.csv").write_text("voter,vote\nc1,p1\n", encoding="utf-8")
    assert "a secret vote is not taken from a list" in congress("ballot", "cast-list", ballot, "votes.csv").stderr
    done("ballot", "close", ballot)
    page = congress("ballot", "count", ballot).stdout
    assert "scottish-stv/1: 9 valid" in page and "votes at stage" in page and "Member 1" in page
    done("ballot", "certify", ballot, "--by", "The teller")
    made = done("election", "declare", election)["mandates"]
    assert len(made) == 5
    done("mandate", "begin", "--body", "committee")
    assert done("mandate", "list", "committee")["vacant"] == 0
    person, mandate = next(iter(made.items()))
    done("mandate", "resign", mandate, "--reason", "Moves away")
    assert done("mandate", "list", "committee")["vacant"] == 1
    assert congress("mandate", "fill", mandate).exit_code in (0, 1)
    assert done("election", "list")["elections"][0]["elected"]
    second, other = list(made.items())[1]
    recall = debated("motion", "draft", "s1", "Recall", "--by", "c1", "--recalls", other, motion="recall")
    decided(recall, all_say("yes"))
    done("mandate", "recall", other, recall)
    assert congress("mandate", "expire", list(made.values())[2]).exit_code == 1
    assert person != second


def test_an_office_goes_to_a_re_ballot(house: Path) -> None:
    committee = called("committee", *PEOPLE[:5])
    decided(
        committee, {f"c{k}": " > ".join([*PEOPLE[k % 5 : 5], *PEOPLE[: k % 5]]) for k in range(1, 10)}, "--election"
    )
    done("election", "declare", committee, "--begin")
    done("session", "convene", "First plenary", "--body", "committee", "--id", "s2")
    done("session", "accredit", "s2")
    members = done("credential", "members", "committee")["credentials"]
    done("presence", "arrive", "s2", "--all")
    done("session", "open", "s2")
    office = called("chair", "p1", "p2", "p3", session="s2")
    first = decided(office, dict(zip(members, ("p1", "p1", "p2", "p2", "p3"), strict=True)), "--election")
    assert first["outcome"] == "reballot" and first["contest"] == ["p1", "p2"]
    second = decided(office, dict(zip(members, ("p1", "p1", "p1", "p2", "p2"), strict=True)), "--election")
    assert second["elected"] == ["p1"]
    assert "Member 1" in congress("election", "declare", office, "--begin").stdout
    organ = called("bureau", "p1", "p2", "p3", session="s2")
    effects = decided(organ, dict.fromkeys(members, "p1, p2, p3"), "--election")
    assert effects["elected"] == ["p1", "p2", "p3"]


def test_ballots_counted_elsewhere_are_taken(house: Path) -> None:
    election = called("committee", *PEOPLE)
    ballot = done("ballot", "prepare", "--election", election)["ballot"]
    (house / "hall.csv").write_text("weight,p1,p2,p3,p4,p5,p6\n5,1,2,3,4,5,\n3,2,1,,,,3\n1,,,,,,1\n", encoding="utf-8")
    assert "more ballots than voters" in congress("ballot", "import", ballot, "hall.csv", "--voters", "8").stderr
    assert done("ballot", "import", ballot, "hall.csv", "--voters", "9", "--source", "Hall B")["papers"] == 9
    result = done("ballot", "count", ballot)
    assert result["count"]["valid"] == 9
    assert done("ballot", "show", ballot)["result"]["count"] == result["count"]
    # what was taken goes out again, by name or id, and another count of it gives the same
    assert done("ballot", "export", ballot, "names.blt")["papers"] == 9
    done("ballot", "export", ballot, "ids.blt", "--ids")
    assert "a file already" in congress("ballot", "export", ballot, "ids.blt").stderr
    names, ids = (read_blt((house / f"{x}.blt").read_text(encoding="utf-8")) for x in ("names", "ids"))
    assert names.ballots.options == tuple(f"Member {k}" for k in range(1, 7))
    assert ids.ballots.papers == names_to_ids(names.ballots).papers
    again = count(result["count"]["method"], ids.ballots, seats=ids.seats)
    assert list(again.elected) == result["count"]["elected"] and again.valid == 9


def names_to_ids(ballots: Ballots) -> Ballots:
    papers = tuple((tuple(tuple(m.replace("Member ", "p") for m in t) for t in p), w) for p, w in ballots.papers)
    return Ballots(tuple(o.replace("Member ", "p") for o in ballots.options), papers)


def test_any_counted_ballot_goes_out_as_blt_and_no_other(house: Path) -> None:
    motion = debated("motion", "draft", "s1", "A motion", "--by", "c1", motion="m")
    ballot = done("ballot", "prepare", "--motion", motion, "--open")["ballot"]
    for k, vote in enumerate(("yes", "yes", "no", "abstain"), 1):
        done("ballot", "cast", ballot, f"c{k}", vote)
    assert "only a ballot that is counted" in congress("ballot", "export", ballot, "open.blt").stderr
    done("ballot", "close", ballot)
    done("ballot", "count", ballot)
    done("ballot", "export", ballot, "motion.blt")
    file = read_blt((house / "motion.blt").read_text(encoding="utf-8"))
    assert file.ballots.options == ("yes", "no", "abstain")
    assert dict(file.ballots.papers) == {(("yes",),): 2, (("no",),): 1, (("abstain",),): 1}
    void = done("ballot", "prepare", "--election", called("committee", *PEOPLE), "--open")["ballot"]
    done("ballot", "void", void, "--reason", "no box")
    assert "void" in congress("ballot", "export", void, "void.blt").stderr and not (house / "void.blt").exists()


def test_a_lot_is_drawn_only_where_one_is_due(house: Path) -> None:
    election = called("committee", *PEOPLE)
    ballot = done("ballot", "prepare", "--election", election, "--open")["ballot"]
    assert congress("ballot", "lot", ballot, "--seed", "7 19", "--source", "Gazette").exit_code == 1
