"""The state of a congress as JSON, for programs that show it. What proves it is the exported ledger, not this."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from lustrum.congress.assembly import Congress
from lustrum.congress.documents import Document
from lustrum.congress.entities import Motion
from lustrum.congress.register import execution

FORMAT = "lustrum-congress/1"


def as_json(congress: Congress, day: str | None = None) -> dict[str, Any]:
    """Return everything that stands in the state, as JSON data; the register of tasks as it reads on `day`."""
    state = congress.state
    head = congress.ledger.head
    last = next(e for e in congress.ledger.events(head.height - 1))
    found = {
        "format": FORMAT,
        "name": state.name,
        "head": {"height": head.height, "hash": head.hash, "anchor": str(head.anchor), "time": last.time},
        "statute": {"version": congress.statutes.hash_in_force(), "rules": congress.statutes.rules()},
        "people": _all(state.people),
        "bodies": _all(state.bodies),
        "credentials": _all(state.credentials),
        "mandates": _all(state.mandates),
        "sessions": {k: {**asdict(s), "present": sorted(s.present)} for k, s in state.sessions.items()},
        "agenda": _all(state.items),
        "documents": {k: _paper(p) for k, p in state.documents.items()},
        "motions": {k: _motion(m) for k, m in state.motions.items()},
        "ballots": _all(state.ballots),
        "elections": _all(state.elections),
        "plans": [asdict(p) for p in state.plans],
        "tasks": {
            k: {**asdict(t), "targets": {str(y): [asdict(v) for v in vs] for y, vs in t.targets.items()}}
            for k, t in state.tasks.items()
        },
        "execution": [asdict(row) for row in execution(state, day or last.time[:10])],
    }
    out: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    return out


def _all(things: dict[str, Any]) -> dict[str, Any]:
    return {name: asdict(thing) for name, thing in things.items()}


def _paper(paper: Document) -> dict[str, Any]:
    return {
        "id": paper.id,
        "kind": paper.kind,
        "title": paper.title,
        "economy": paper.economy,
        "versions": [
            {
                "hash": v.hash,
                "status": v.status,
                "motion": v.motion,
                "since": v.since,
                "height": v.height,
                "units": v.version.to_json()["units"],
            }
            for v in paper.versions
        ],
    }


def _motion(motion: Motion) -> dict[str, Any]:
    change = motion.amendment
    rest = {
        k: getattr(motion, k)
        for k in (
            "id",
            "session",
            "title",
            "text",
            "proposer",
            "supporters",
            "decision",
            "document",
            "base",
            "parent",
            "recalls",
            "item",
            "status",
            "ballots",
            "order",
            "made_moot_by",
        )
    }
    return rest | {
        "incompatible": [list(pair) for pair in motion.incompatible],
        "amendment": change
        and {
            "proposed": change.proposed.to_json(),
            "operation": change.operation.to_json(),
            "reach": change.reach,
            "amends": change.amends,
        },
        "consequences": asdict(motion.consequences) if motion.consequences else None,
    }
