"""The published record: as Markdown for people, as JSON for programs. Both are derived from the ledger alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from lustrum.congress.assembly import Congress
from lustrum.congress.documents import Document, DocumentVersion, Operation, redline
from lustrum.congress.documents import as_markdown as changes_as_markdown
from lustrum.congress.entities import Ballot, Election, Motion
from lustrum.congress.register import execution
from lustrum.congress.state import State


def as_markdown(congress: Congress, day: str | None = None) -> str:
    """Return the record.

    Parameters
    ----------
    day
        The day (ISO) on which the register of tasks is read; that of the last event if none is given.
    """
    state = congress.state
    events = {e.height: e for e in congress.ledger.events()}
    head = congress.ledger.head
    anchors = {e.height: f"{e.height}:{e.hash}" for e in events.values() if e.kind.startswith("session.closed/")}
    backs = [
        (e.data["reverses"], events[e.data["reverses"]].kind.split("/")[0], e.time[:19], e.data["reason"])
        for e in events.values()
        if e.kind.startswith("step.reversed/")
    ]
    parts = [
        f"# Record of {plain(state.name)}",
        "",
        *section("Sessions and agenda", sessions(state, anchors)),
        *section("Motions and amendments", motions(state)),
        *section("Plan", plans(state)),
        *section("Elections", elections(state)),
        *section("Bodies and offices", bodies(state)),
        *section("Tasks", tasks(state, day or events[max(events)].time[:10])),
        *section("Documents", _documents(state)),
        *section("Roll", roll(state)),
        *section("Steps taken back", table(("event", "kind", "when", "reason"), backs)),
        *section(
            "Ledger",
            [
                f"Events: {head.height}. Head: `{head.anchor}`",
                "",
                f"Ledger `{congress.ledger.id}`, signed by `{congress.ledger.public_key}`.",
                "",
                "Whoever has this line and the exported record can verify both: "
                f"`lustrum congress verify --anchor {head.anchor}`.",
                "",
            ],
        ),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _documents(state: State) -> list[str]:
    rows = [
        (p.id, p.kind, p.title, v.status.replace("_", " "), v.since[:10], v.hash)
        for p in state.documents.values()
        for v in p.versions
    ]
    return table(("document", "kind", "title", "version", "since", "hash"), rows)


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
    versions = state.document_of(main).versions
    words = _words(change.proposed, versions, state.document_of(main).kind == "plan")
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
    return [*lines, *(["Changed in it:", "", changes_as_markdown(changes), ""] if changes else [])]


def elections(state: State) -> list[str]:
    """Each election: who stood, each ballot with its count, who was elected."""
    lines: list[str] = []
    for election in state.elections.values():
        lines += section(f"{election.id}: {state.bodies[election.body].name}", _election(state, election), 3)
    return lines


def _election(state: State, election: Election) -> list[str]:
    stood = _names(state, [c.person for c in election.candidates.values() if not c.withdrawn])
    lines = [f"{_seats(election.seats)}; nominated: {plain(stood)}.", ""]
    for ballot in (state.ballots[b] for b in election.ballots):
        if ballot.result:
            lines += _count(state, ballot)
    if election.status == "declared":
        lines += [f"Declared elected: {plain(_names(state, election.elected))}.", ""]
    else:
        lines += [f"State: {election.status}. {plain(election.contest_why)}".rstrip(), ""]
    return lines


def _count(state: State, ballot: Ballot) -> list[str]:
    count = ballot.result["count"]
    secret, invalid = "secret" if ballot.secret else "open", sum(count["invalid"].values())
    lines = [
        f"Ballot {ballot.id}, round {ballot.round}, {secret}, {plain(count['method'])}; {ballot.status}. "
        f"{count['valid']} valid, {invalid} invalid, of {ballot.frozen['voters']} on the roll."
    ]
    if ballot.imported:
        lines.append(f"Counted elsewhere: {plain(ballot.imported['source'])}, {ballot.imported['voters']} voters.")
    lines += ["", *_table(state, count)]
    for lot in count["lots"]:
        drawn = _names(state, lot["drawn"])
        lines += [
            f"Lot {lot['number']} from the seed `{plain(lot['seed'])}` "
            f"({plain(ballot.closing.get('seed_source', ''))}): {plain(drawn)}.",
            "",
        ]
    if ballot.result["outcome"] != "elected":
        words = {"reballot": "Re-ballot", "none": "Nobody elected", "no_quorum": "No quorum"}[ballot.result["outcome"]]
        contest = _names(state, ballot.result["contest"])
        between = f"{words} between {plain(contest)}" if contest else words
        lines += [f"{between}: {plain(ballot.result['why'])}.", ""]
    return lines


def _table(state: State, count: dict[str, Any]) -> list[str]:
    """The stages of a count: a column each where they are fewer than the candidates, else a row each."""
    stages, candidates = count["stages"], [f"{_name(state, o)} ({o})" for o in count["options"]]
    rest = ("not transferable", "quota", "outcome")
    rows = [[s["stage"], s["action"], *s["votes"], s["exhausted"], s["quota"], _outcome(state, s)] for s in stages]
    if len(stages) > len(candidates):
        return table(("stage", "action", *map(plain, candidates), *rest), rows)
    heads = ("votes", *(f"stage {s['stage']}: {plain(s['action'])}" for s in stages))
    columns = list(zip(*(row[2:] for row in rows), strict=True)) if rows else []
    return table(heads, [(name, *cells) for name, cells in zip((*candidates, *rest), columns, strict=True)])


def _outcome(state: State, stage: dict[str, Any]) -> str:
    words = [f"{word}: {_names(state, stage[word])}" for word in ("elected", "excluded") if stage[word]]
    return "; ".join([*words, *stage["notes"]])


def bodies(state: State) -> list[str]:
    """Bodies and offices with those who sit in them, and the mandates that ended."""
    lines: list[str] = []
    for body in state.bodies.values():
        held = [m for m in state.mandates.values() if m.body == body.id]
        rows = [(state.people[m.person].name, _standing(m.status, m.ended), m.since, m.until, m.election) for m in held]
        if rows:
            vacant = state.vacancies(body.id)
            words = [f"{_seats(body.seats or 0)}, {vacant} vacant.", ""]
            lines += section(body.name, [*words, *table(("name", "mandate", "since", "until", "election"), rows)], 3)
    return lines


def _seats(number: int) -> str:
    return f"{number} seat" if number == 1 else f"{number} seats"


def _standing(status: str, ended: str) -> str:
    return f"{status} ({ended})" if ended else status


def _name(state: State, person: str) -> str:
    found = state.people.get(person)
    return found.name if found else person


def _names(state: State, people: Sequence[str]) -> str:
    return ", ".join(_name(state, p) for p in people)


def plans(state: State) -> list[str]:
    """Adopted plans with the seals by which their folders are known."""
    rows = [(p.plan_id, p.motion, figure(p.objective)) for p in state.plans]
    lines = table(("plan", "adopted by motion", "value of its aim"), rows)
    for p in state.plans:
        lines += [
            f"- {p.plan_id}: certificate `{p.certificate_hash}`, plan file `{p.plan_file_hash}`, "
            f"accounts `{p.economy_digest}`"
        ]
    return [*lines, ""] if lines else []


def tasks(state: State, day: str) -> list[str]:
    """The register of tasks as it reads on a day."""
    rows = execution(state, day)
    by_task = {t.id: [r for r in rows if r.task == t.id] for t in state.tasks.values()}
    out = []
    for task in state.tasks.values():
        years = by_task[task.id]
        reported = [r for r in years if r.reached is not None]
        last = reported[-1] if reported else None
        body = state.bodies[task.body].name if task.body else ""
        out.append(
            (
                task.id,
                task.label,
                f"{task.indicator}, {task.unit}".strip(", "),
                body,
                task.status.replace("_", " "),
                "; ".join(f"{r.year}: {figure(r.current)}" for r in years[-1:]),
                f"{last.year}: {figure(last.reached)}" if last else "",
                f"{percent(last.fulfilment_first)} / {percent(last.fulfilment_current)}" if last else "",
                ", ".join(str(r.year) for r in years if r.overdue),
            )
        )
    head = ("task", "of", "counted", "body", "state", "target", "reached", "of first / current target", "overdue")
    return table(head, out)


def roll(state: State) -> list[str]:
    """Credentials by body: how many, and whose."""
    lines: list[str] = []
    for body, credentials in state.by_body.items():
        counts = {s: sum(c.status == s for c in credentials.values()) for s in ("accredited", "issued", "revoked")}
        words = ", ".join(f"{n} {s if s != 'issued' else 'not accredited'}" for s, n in counts.items() if n)
        rows = [(c.id, state.people[c.person].name, c.delegation, c.weight, c.status) for c in credentials.values()]
        lines += section(
            state.bodies[body].name,
            [
                f"{len(credentials)} credentials: {words}.",
                "",
                *table(("credential", "name", "delegation", "votes", "state"), rows),
            ],
            3,
        )
    return lines


def sessions(state: State, anchors: dict[int, str]) -> list[str]:
    """Sessions with their agenda, and the anchors that their closing published.

    Parameters
    ----------
    anchors
        Height of an event -> `height:hash`, for the closing events at least.
    """
    lines: list[str] = []
    for session in state.sessions.values():
        items = sorted((i for i in state.items.values() if i.session == session.id), key=lambda i: i.number)
        body = [f"{plain(state.bodies[session.body].name)}, {session.date}; {session.status}.", ""]
        if session.closing_height is not None:
            body += [f"Head of the record at its close: `{anchors[session.closing_height]}`", ""]
        body += table(("item", "title", "state", "note"), [(i.number, i.title, i.status, i.note) for i in items])
        lines += section(session.title, body, 3)
    return lines


_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def plain(text: object) -> str:
    """Return text for one line of Markdown: no line breaks, and nothing that would be read as markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table, none if it has no rows; cells are plain text."""
    body = [[plain(cell) for cell in row] for row in rows]
    if not body:
        return []
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in body), ""]


def section(title: str, lines: Sequence[str], level: int = 2) -> list[str]:
    """Return a heading with what stands under it; nothing if that is nothing."""
    return ["#" * level + f" {plain(title)}", "", *lines] if lines else []


def figure(value: float | None) -> str:
    """Return a figure as people read it."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def percent(share: float | None) -> str:
    """Return a share in per cent."""
    return "" if share is None else f"{100 * share:.1f} %"


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
        "documents": {k: _document(p) for k, p in state.documents.items()},
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


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "kind": document.kind,
        "title": document.title,
        "economy": document.economy,
        "versions": [
            {
                "hash": v.hash,
                "status": v.status,
                "motion": v.motion,
                "since": v.since,
                "height": v.height,
                "units": v.version.to_json()["units"],
            }
            for v in document.versions
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
