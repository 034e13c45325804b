"""The tables of a ledger in SQLite, and the guards that refuse to change what is written.

The guards stop mistakes, not an owner of the file, who can drop them: what shows a change is `verify_chain`.
Every name begins with `congress_`; other tables may live in the same file.
"""

from __future__ import annotations

TABLES = {
    # height, and the canonical JSON whose SHA-256 is the hash: kind, data and time stand in it and nowhere else
    "congress_event": "CREATE TABLE congress_event (height INTEGER PRIMARY KEY, body TEXT NOT NULL, "
    "hash TEXT NOT NULL) STRICT",
    "congress_head": "CREATE TABLE congress_head (height INTEGER PRIMARY KEY, hash TEXT NOT NULL, "
    "signature TEXT NOT NULL) STRICT",
    # heights of the events that opened and ended a ballot
    "congress_ballot": "CREATE TABLE congress_ballot (ballot TEXT PRIMARY KEY, opened INTEGER NOT NULL, "
    "ended INTEGER) STRICT, WITHOUT ROWID",
    # who may vote, with the receipt of who has: all zeros until then, so that a vote changes no row's size or place
    "congress_roll": "CREATE TABLE congress_roll (ballot TEXT NOT NULL, voter TEXT NOT NULL, weight INTEGER NOT NULL, "
    "receipt BLOB NOT NULL, PRIMARY KEY (ballot, voter)) STRICT, WITHOUT ROWID",
    # sealed papers of open secret ballots; the name of a box is its digest, which is as good as random
    "congress_box": "CREATE TABLE congress_box (ballot TEXT NOT NULL, name BLOB NOT NULL, box BLOB NOT NULL, "
    "signature BLOB NOT NULL, PRIMARY KEY (ballot, name)) STRICT, WITHOUT ROWID",
    # papers of closed secret ballots, numbered in the order of their canonical bytes
    "congress_urn": "CREATE TABLE congress_urn (ballot TEXT NOT NULL, number INTEGER NOT NULL, paper TEXT NOT NULL, "
    "PRIMARY KEY (ballot, number)) STRICT, WITHOUT ROWID",
}


def _guard(name: str, when: str, says: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"


_ENDED = "EXISTS (SELECT 1 FROM congress_ballot AS b WHERE b.ballot = OLD.ballot AND b.ended IS NOT NULL)"

GUARDS = {
    name: _guard(name, when, says)
    for name, when, says in (
        ("congress_event_update", "UPDATE ON congress_event", "events are never changed"),
        ("congress_event_delete", "DELETE ON congress_event", "events are never deleted"),
        # also against INSERT OR REPLACE, which deletes without asking the guard of DELETE
        (
            "congress_event_insert",
            "INSERT ON congress_event WHEN NEW.height <> (SELECT ifnull(max(height), 0) + 1 FROM congress_event)",
            "events are added at the end only",
        ),
        ("congress_head_update", "UPDATE ON congress_head", "heads are never changed"),
        ("congress_head_delete", "DELETE ON congress_head", "heads are never deleted"),
        (
            "congress_head_insert",
            "INSERT ON congress_head WHEN NEW.height <= (SELECT ifnull(max(height), 0) FROM congress_head)",
            "heads are added at the end only",
        ),
        (
            "congress_ballot_update",
            "UPDATE ON congress_ballot WHEN OLD.ended IS NOT NULL OR NEW.ballot <> OLD.ballot "
            "OR NEW.opened <> OLD.opened",
            "a ballot never reopens",
        ),
        ("congress_ballot_delete", "DELETE ON congress_ballot", "ballots are never deleted"),
        (
            "congress_ballot_insert",
            "INSERT ON congress_ballot WHEN EXISTS (SELECT 1 FROM congress_ballot WHERE ballot = NEW.ballot)",
            "a ballot opens once",
        ),
        (
            "congress_roll_update",
            "UPDATE ON congress_roll WHEN OLD.receipt <> zeroblob(64) OR NEW.ballot <> OLD.ballot "
            f"OR NEW.voter <> OLD.voter OR NEW.weight <> OLD.weight OR {_ENDED}",
            "a roll is never changed",
        ),
        ("congress_roll_delete", "DELETE ON congress_roll", "a roll is never changed"),
        (
            "congress_roll_insert",
            "INSERT ON congress_roll WHEN EXISTS (SELECT 1 FROM congress_ballot WHERE ballot = NEW.ballot)",
            "a roll is never changed",
        ),
        ("congress_box_update", "UPDATE ON congress_box", "sealed papers are never changed"),
        ("congress_box_delete", f"DELETE ON congress_box WHEN NOT {_ENDED}", "sealed papers stay until the close"),
        ("congress_urn_update", "UPDATE ON congress_urn", "papers are never changed"),
        ("congress_urn_delete", "DELETE ON congress_urn", "papers are never deleted"),
        (
            "congress_urn_insert",
            "INSERT ON congress_urn WHEN EXISTS (SELECT 1 FROM congress_urn "
            "WHERE ballot = NEW.ballot AND number = NEW.number)",
            "papers are never changed",
        ),
    )
}

SCHEMA = {**TABLES, **GUARDS}
