"""Motions and amendments: what was moved, what it would cost, how the votes fell, and what became of it."""

from __future__ import annotations

from typing import Any

from lustrum.congress.documents import DocumentVersion, Operation, as_markdown, redline
from lustrum.congress.entities import Motion
from lustrum.congress.publication.markup import figure, percent, plain, section, table
from lustrum.congress.state import State

_HEAD = ("motion", "title", "moved by", "outcome", "yes", "no", "abstain", "invalid", "needed")


def motions(state: State) -> list[str]:
    """All motions with their tallies; under a motion on a document its amendments and the redline."""
    whole = [m for m in state.motions.values() if m.parent is None]
    lines = table(_HEAD, [_row(state, m) for m in whole])
    for motion in whole:
        amendments = [m for m in state.motions.values() if m.parent == motion.id]
        body = [] if not motion.text else [plain(motion.text), ""]
        if motion.order:
            body += [f"Order of voting, as logged: {', '.join(motion.order)}, then {motion.id} as amended.", ""]
        body += table(_HEAD, [_row(state, m) for m in amendments])
        for amendment in amendments:
            body += _amendment(state, amendment)
        if motion.consequences is not None:
            body += ["All that passed, together:", "", *_costs(motion)]
        body += _adopted(state, motion)
        lines += section(f"{motion.id}: {motion.title}", body, 3)
    return lines


def _row(state: State, motion: Motion) -> tuple[object, ...]:
    ballot = next((state.ballots[b] for b in reversed(motion.ballots) if state.ballots[b].status == "certified"), None)
    mover = state.credentials.get(motion.proposer)
    by = state.people[mover.person].name if mover else state.bodies[motion.proposer].name
    outcome = motion.status.replace("_", " ")
    if motion.made_moot_by:
        outcome += f" ({motion.made_moot_by})"
    if ballot is None:
        return motion.id, motion.title, by, outcome, "", "", "", "", ""
    tally, decision = ballot.result["tally"], ballot.result["decision"]
    base = ballot.frozen["rule"]["majority"]["base"]
    needed = f"{decision['needed']} of {decision['of']} ({base})"
    if ballot.result["outcome"] == "no_quorum":
        needed = f"quorum {decision['quorum']} of {decision['quorum_of']}: {decision['took_part']} there"
    return (motion.id, motion.title, by, outcome, tally["yes"], tally["no"], tally["abstain"], tally["invalid"], needed)


def _amendment(state: State, motion: Motion) -> list[str]:
    change = motion.amendment
    if change is None:
        return []
    main = state.motions[motion.parent or ""]
    versions = state.documents[main.document or ""].versions
    words = _words(change.proposed, versions, state.documents[main.document or ""].kind == "plan")
    lines = [f"- {motion.id}: {plain(words)}"]
    if change.operation != change.proposed:
        lines.append(f"  As amended: {plain(_words(change.operation, versions, False))}")
    return [*lines, "", *_costs(motion)]


def _words(operation: Operation, versions: list[DocumentVersion], plan: bool) -> str:
    from lustrum.congress.plan_change import sentence  # planning is slow to import

    on = next((v.version for v in versions if v.hash == operation.version), None)
    return sentence(operation, on) if plan and on is not None else operation.words()


def _costs(motion: Motion) -> list[str]:
    """What the consequences that lay before the vote said, in short."""
    if motion.consequences is None:
        return []
    found = motion.consequences.result
    if not found["feasible"]:
        words = str(found.get("words") or "No plan satisfies it.").splitlines()
        return ["  Not feasible:", "", *(f"    {line}" for line in words if line.strip()), ""]
    aim = found["objective"]
    lines = [
        f"  Feasible. {plain(aim['unit'])}: {figure(aim['before'])} before, {figure(aim['after'])} after "
        f"({_signed(aim.get('relative'))})."
    ]
    for key in ("needs", "households"):
        lines.append(f"  {key.capitalize()}: {plain(_sides(found.get(key, [])))}.")
    return [*lines, ""]


def _sides(rows: list[dict[str, Any]]) -> str:
    moved = sorted((r for r in rows if abs(r["change"] or 0) >= 5e-5), key=lambda r: -r["change"])
    gain = [f"{r['name']} {_signed(r['change'])}" for r in moved if r["change"] > 0]
    pay = [f"{r['name']} {_signed(r['change'])}" for r in reversed(moved) if r["change"] < 0]
    parts = ([f"gain {', '.join(gain)}"] if gain else []) + ([f"pay {', '.join(pay)}"] if pay else [])
    return "; ".join(parts) or "as before"


def _signed(share: float | None) -> str:
    return "not comparable" if share is None else ("+" if share >= 0 else "") + percent(share)


def _adopted(state: State, motion: Motion) -> list[str]:
    if motion.document is None or motion.status != "adopted":
        return []
    versions = state.documents[motion.document].versions
    at = next(k for k, v in enumerate(versions) if v.motion == motion.id)
    lines = [f"Adopted version of {motion.document}: `{versions[at].hash}`", ""]
    changes = redline(versions[at - 1].version, versions[at].version)
    return [*lines, *(["Changed in it:", "", as_markdown(changes), ""] if changes else [])]
