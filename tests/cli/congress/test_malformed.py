"""Whatever a secretary gets wrong ends in words with place and mend, in exit code 1 or 2, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.congress.conftest import congress, debated, done

#: Command line -> exit code, and what the message must name. Files are written by `_files`.
WRONG = [
    ("session convene Second --date 23.11.2026", 2, "2026-11-23"),
    ("session convene Second --date 2026-02-30", 2, "2026-11-23"),
    ("session convene Second --body hose", 2, "house"),
    ("session convene Second", 1, "close it first"),
    ("session open s2", 2, "s1"),
    ("session open s1", 1, "it is open"),
    ("session resume s1", 1, "suspended"),
    ("agenda place s9 Report", 2, "s1"),
    ("agenda place s1 Report --number 0", 2, "--number"),
    ("agenda open item-9", 2, "item"),
    ("credential import missing.csv", 2, "missing.csv"),
    ("credential import empty.csv", 2, "line 1"),
    ("credential import no-name.csv", 2, "column name"),
    ("credential import semicolons.csv", 2, "semicolons"),
    ("credential import unnamed.csv", 2, "line 3"),
    ("credential import twice.csv", 2, "line 3"),
    ("credential import short.csv", 2, "line 2"),
    ("credential import weight.csv", 2, "column weight"),
    ("credential import latin.csv", 2, "UTF-8"),
    ("credential import quote.csv", 2, "CSV"),
    ("credential import ids.csv", 2, "credential"),
    ("credential import lustrum.db", 2, "UTF-8"),
    ("credential import .", 2, "cannot be read"),
    ("credential import headings.csv", 2, "one name"),
    ("credential issue p99", 2, "p99"),
    ("credential issue p1 --weight 0", 2, "weight"),
    ("credential accredit", 2, "--all"),
    ("credential accredit c1", 1, "accredited"),
    ("credential revoke c1", 2, "--reason"),
    ("credential members hose", 2, "house"),
    ("presence arrive s1", 2, "--all"),
    ("presence arrive s1 c99", 2, "c99"),
    ("presence arrive s1 --from missing.txt", 2, "missing.txt"),
    ("presence proxy s1 c1 c1", 1, "close the ballot"),
    ("person register Ada --attribute north", 2, "KEY=VALUE"),
    ("person register Ada --id p1", 1, "already"),
    ("person register Ada --id a/b", 2, "person"),
    ("document file Title missing.md", 2, "missing.md"),
    ("document file Title blank.md", 2, "without text"),
    ("document show reprot", 2, "document"),
    ("document show statute --hash abcdef", 2, "hash"),
    ("document show statute --at 2020-01-01", 2, "no version stood"),
    ("document redline statute --old zz", 2, "hash"),
    ("statute show --article 99", 2, "article"),
    ("statute show --at soon", 2, "2026-11-23"),
    ("statute amend m --by c1", 2, "--article"),
    ("statute amend m --by c1 --article blank.md", 2, "## Article"),
    ("statute amend m --by c1 --delete 99", 2, "article-99"),
    ("statute in-force", 1, "adopt"),
    ("motion draft s1 Title", 2, "--by"),
    ("motion draft s1 Title --by c1 --document plan", 2, "plan"),
    ("motion draft s1 Title --by c1 --decision haste", 2, "haste"),
    ("motion draft s1 Title --by c1 --recalls m1", 2, "mandate"),
    ("motion debate m9", 2, "m9"),
    ("motion admit m", 1, "submitted"),
    ("motion carry m s1", 1, "referred"),
    ("amendment order m", 1, "no document"),
    ("amendment propose m 'floor food >= 1.1' --by c1", 1, "no document"),
    ("amendment solve m", 1, "no document"),
    ("amendment show m", 1, "no amendment"),
    ("amendment amend m 1.1 --by c1", 1, "no amendment"),
    ("ballot prepare", 2, "--motion"),
    ("ballot prepare --motion m9", 2, "m9"),
    ("ballot open b9", 2, "b9"),
    ("ballot cast open c99 yes", 1, "not on the roll"),
    ("ballot cast open c1 perhaps", 1, "yes, no, abstain"),
    ("ballot cast open c1 'yes >'", 2, "both sides"),
    ("ballot cast open c1 yes --by c2", 1, "no proxy"),
    ("ballot cast-list open votes.csv", 2, "column voter"),
    ("ballot cast-list open double.csv", 2, "line 3"),
    ("ballot count open", 1, "closed"),
    ("ballot certify open --by me", 1, "counted"),
    ("ballot lot open --seed 1 --source gazette", 1, "tie"),
    ("ballot import open hall.blt --voters 9", 1, "election"),
    ("ballot import open hall.txt --voters 9", 2, "--form"),
    ("ballot export open out.blt", 1, "counted"),
    ("ballot export b9 out.blt", 2, "b9"),
    ("ballot import open hall.csv", 2, "--voters"),
    ("ballot import e-ballot broken.blt --voters 9", 2, "broken.blt"),
    ("ballot import e-ballot strangers.csv --voters 9", 2, "other candidates"),
    ("election call s1 bureau", 1, "committee"),
    ("election call s1 committee --seats 0", 2, "--seats"),
    ("election nominate e p99 --by floor", 1, "nominations"),
    ("election declare e", 1, "certified count"),
    ("mandate begin", 2, "--body"),
    ("mandate resign committee-1", 2, "mandate"),
    ("mandate fill committee-1", 2, "mandate"),
    ("plan adopt m", 1, "adopted no plan"),
    ("plan check", 1, "plan adopt"),
    ("task from-plan", 1, "plan adopt"),
    ("task propose Trees --indicator planted --target many", 2, "YEAR=FIGURE"),
    ("task propose Trees --indicator planted --target 2027=inf", 2, "finite"),
    ("task entrust t bureau", 2, "task"),
    ("task register --day 2027", 2, "2026-11-23"),
    ("task register --body hose", 2, "house"),
    ("show nothing", 2, "thing"),
    ("reverse 9999 --reason why", 1, "9999"),
    ("reverse 1 --reason why", 1, "event 1"),
    ("verify missing.db", 2, "missing.db"),
    ("verify roll.csv", 2, "record"),
    ("verify --anchor 12", 2, "height"),
    ("verify --public-key me", 2, "public key"),
    ("publish -o roll.csv", 2, "already"),
    ("publish -o no/such/folder.md", 2, "no/such"),
    ("export roll.csv", 1, "open"),
    ("import roll.csv --workspace elsewhere", 2, "record"),
    ("backup roll.csv", 2, "already"),
    ("new Again", 2, "already"),
    ("new Again --workspace fresh --statute statut.md", 2, "statut.md"),
    ("new Again --workspace fresh --statute congres", 2, "congress"),
    ("new Again --workspace fresh --statute blank.md", 2, "blank.md"),
    ("show --workspace fresh", 2, "lustrum congress new"),
    ("agenda place s1 Report --key missing.key", 2, "missing.key"),
    ("agenda place s1 Report --key roll.csv", 2, "key"),
    ("agenda place s1 Report --key other.key", 2, "key"),
]


@pytest.fixture
def spoilt(house: Path) -> Path:
    """The house with a motion, an open ballot, an election with a prepared ballot, and files that are wrong."""
    from lustrum.congress.ledger import SigningKey

    texts = {
        "empty.csv": "",
        "no-name.csv": "delegate\nA\n",
        "semicolons.csv": "name;credential\nA;c10\n",
        "unnamed.csv": "name,credential\nA,c10\n,c11\n",
        "twice.csv": "name,credential\nA,c10\nB,c10\n",
        "short.csv": "name,credential\nA\n",
        "weight.csv": "name,weight\nA,1.5\n",
        "quote.csv": 'name\n"A\nB\n',
        "ids.csv": "name,credential\nA,c 10\n",
        "headings.csv": "name,name\nA,B\n",
        "blank.md": "\n\n",
        "votes.csv": "who,vote\nc1,yes\n",
        "double.csv": "voter,vote\nc1,yes\nc1,no\n",
        "hall.txt": "",
        "hall.csv": "p1\n1\n",
        "hall.blt": '2 1\n1 1 0\n0\n"p1"\n"p2"\n"x"\n',
        "broken.blt": "five six\n",
        "strangers.csv": "x,y,z\n1,2,3\n",
    }
    for name, text in texts.items():
        (house / name).write_text(text, encoding="utf-8")
    (house / "latin.csv").write_bytes("name\nJosé\n".encode("latin-1"))
    SigningKey.generate().save(house / "other.key")
    (house / "fresh").mkdir()
    done("motion", "draft", "s1", "A motion", "--by", "c1", "--id", "m")
    debated("motion", "draft", "s1", "Another", "--by", "c1", motion="other")
    done("ballot", "prepare", "--motion", "other", "--open", "--id", "open")
    done("election", "call", "s1", "committee", "--id", "e")
    done("election", "nominate", "e", "p1", "p2", "p3", "p4", "p5", "--by", "the floor")
    done("election", "close", "e")
    done("ballot", "prepare", "--election", "e", "--id", "e-ballot")
    return house


def test_every_mistake_is_told_and_changes_nothing(spoilt: Path) -> None:
    import shlex

    head = done("show")["head"]
    wrong = []
    for line, code, named in WRONG:
        result = congress(*shlex.split(line))
        said = result.stderr + (result.stdout if result.exit_code == 1 else "")
        if (result.exit_code, named in said, "Traceback" in result.output) != (code, True, False):
            wrong.append(f"{line}: {result.exit_code} instead of {code}, {named!r} in\n{said}{result.exception!r}")
    assert not wrong, "\n\n".join(wrong)
    assert done("show")["head"] == head
    assert len(WRONG) > 100


def test_errors_are_json_with_place_and_mend(spoilt: Path) -> None:
    found = json.loads(congress("credential", "import", "weight.csv", "--json").stdout)["error"]
    assert found["where"] == "weight.csv: line 2, column weight" and found["found"] == "1.5" and found["mend"]
    refused = json.loads(congress("ballot", "count", "open", "--json").stdout)["error"]
    assert refused["kind"] == "Refused" and refused["expected"] == "closed" and refused["exit_code"] == 1


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00 and then nothing"])
def test_a_file_that_is_no_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lustrum.db").write_bytes(content)
    for line in (["show"], ["verify"], ["log"], ["export", "x.json"], ["backup", "y.db"]):
        result = congress(*line)
        assert result.exit_code == 2 and "lustrum.db" in result.stderr and "Traceback" not in result.output, (
            line,
            result,
        )


def test_a_key_that_others_may_read_is_not_taken(house: Path) -> None:
    (house / "lustrum.key").chmod(0o644)
    result = congress("agenda", "place", "s1", "Report")
    assert result.exit_code == 2 and "chmod 600" in result.stderr


def test_founding_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert congress("new", "").exit_code == 2
    assert congress("new", "Name", "--workspace", "nowhere").exit_code == 2
    assert list(tmp_path.iterdir()) == []
    assert congress("new", "Name").exit_code == 0
    kept = (tmp_path / "lustrum.key").read_bytes()
    assert congress("new", "Name").exit_code == 2
    assert (tmp_path / "lustrum.key").read_bytes() == kept
