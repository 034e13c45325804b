"""Do the rules of a statute agree with each other: every name they use is there, bodies nest, quotas fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lustrum.congress.statute.rules import DECISIONS, Body, Rules
from lustrum.labels import unknown_label


@dataclass(frozen=True)
class Disagreement:
    """The path of a rule, what is wrong with it, and the mend."""

    path: tuple[str | int, ...]
    what: str
    found: object = None
    expected: str = ""
    mend: str = ""


def disagreements(rules: Rules) -> Iterator[Disagreement]:
    """Yield what does not fit together, in the order of the rules."""
    for kind in DECISIONS:
        if kind not in rules.decisions:
            yield Disagreement(
                ("decisions",),
                f"no rule for the decision {kind!r}",
                found=", ".join(rules.decisions),
                expected=", ".join(DECISIONS),
                mend=f"add `{kind}:` under `decisions:`",
            )
    for kind, decision in rules.decisions.items():
        for mover in decision.moved_by.bodies:
            yield from _known(mover, rules.bodies, "body", ("decisions", kind, "moved_by", "bodies"))
    for name, body in rules.bodies.items():
        yield from _body(name, body, rules)
    if sum(b.within is None for b in rules.bodies.values()) != 1:
        highest = [n for n, b in rules.bodies.items() if b.within is None]
        yield Disagreement(
            ("bodies",),
            "one body, and only one, is the highest",
            found=", ".join(highest) or "none",
            expected="one body without `within`",
            mend="say of the others what they belong to",
        )
    for k, group in enumerate(rules.incompatible):
        for one in group:
            yield from _known(one, rules.bodies, "body", ("incompatible", k))


def _known(name: str, known: object, what: str, path: tuple[str | int, ...]) -> Iterator[Disagreement]:
    names = list(known) if isinstance(known, dict) else []
    if name not in names:
        expected, mend = unknown_label(name, names, what)
        yield Disagreement(path, f"no {what} {name!r}", name, expected, mend)


def _body(name: str, body: Body, rules: Rules) -> Iterator[Disagreement]:
    path = ("bodies", name)
    for key in ("within", "elected_by", "members_of"):
        if (other := getattr(body, key)) is not None:
            yield from _known(other, rules.bodies, "body", (*path, key))
            if other == name:
                yield Disagreement(
                    (*path, key),
                    "a body cannot name itself here",
                    name,
                    "another body",
                    "name another, or leave the key out",
                )
    if _goes_round(name, rules):
        yield Disagreement(
            (*path, "within"),
            "bodies nest in a circle",
            body.within,
            "a body above it",
            "let one of them belong to the highest body",
        )
    if body.election is not None:
        yield from _known(body.election, rules.elections, "election", (*path, "election"))
        election = rules.elections.get(body.election)
        if election is not None and election.majority is not None and body.seats != 1:
            yield Disagreement(
                (*path, "election"),
                "an election by majority fills one seat",
                f"{body.seats} seats",
                "seats: 1",
                "choose a method for several seats",
            )
    above = rules.bodies.get(body.members_of or "")
    if above is not None and above.seats is not None and (body.seats or 0) > above.seats:
        yield Disagreement(
            (*path, "seats"),
            f"{body.seats} seats for {above.seats} members of {body.members_of}",
            body.seats,
            f"at most {above.seats}",
            "give it fewer seats",
        )
    if body.recall is not None:
        yield from _known(body.recall, rules.decisions, "decision", (*path, "recall"))
    for k, organ in enumerate(body.first_plenary):
        yield from _known(organ, rules.bodies, "body", (*path, "first_plenary", k))
        if organ in rules.bodies and rules.bodies[organ].elected_by != name:
            yield Disagreement(
                (*path, "first_plenary", k),
                f"{organ} is elected by another body",
                rules.bodies[organ].elected_by,
                name,
                f"write `elected_by: {name}` there",
            )


def _goes_round(name: str, rules: Rules) -> bool:
    seen, here = {name}, rules.bodies[name].within
    while here is not None and here in rules.bodies and here not in seen:
        seen.add(here)
        here = rules.bodies[here].within
    return here == name and rules.bodies[name].within != name
