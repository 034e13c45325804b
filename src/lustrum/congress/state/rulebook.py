"""What the statute in force says, as the events ask for it: which rule decides what, and which bodies there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from lustrum.congress.documents import Unit, Version
from lustrum.congress.state.people import Body
from lustrum.congress.statute import Decision, Election, Rules, statute_of
from lustrum.errors import BadInput
from lustrum.labels import unknown_label

_Rule = TypeVar("_Rule", Decision, Election)

#: Kind of document -> kind of decision on the whole, and on an amendment to it.
_ON_PAPERS = {
    "plan": ("adoption", "plan_amendment"),
    "statute": ("statute_amendment", "statute_amendment"),
    "report": ("report", "amendment"),
    "other": ("motion", "amendment"),
}


def rules_of(version: Version) -> Rules:
    """The rules that a version of the statute gives; `StatuteError` if they do not hold together."""
    return _rules(version.document, tuple((u.id, str(u.value)) for u in version.units))


@lru_cache(32)
def _rules(document: str, units: tuple[tuple[str, str], ...]) -> Rules:
    # A fold reads the same statute at every opening of a ledger, and YAML is slow to read.
    return statute_of(Version(document, tuple(Unit(name, text) for name, text in units))).rules


def decision_on(paper: str, amendment: bool) -> str:
    """The kind of decision for motions on a kind of document, or for amendments to it."""
    return _ON_PAPERS[paper][amendment]


def decision(rules: Rules, kind: str) -> Decision:
    """The rule for a kind of decision; `BadInput` with the nearest spelling if there is none."""
    return _named(rules.decisions, kind, "kind of decision")


def election(rules: Rules, name: str) -> Election:
    """The rule for a kind of election; `BadInput` with the nearest spelling if there is none."""
    return _named(rules.elections, name, "kind of election")


def frozen_rule(rule: Decision | Election) -> dict[str, Any]:
    """A rule as JSON, as a ballot freezes it."""
    return rule.model_dump(mode="json")


def _named(rules: Mapping[str, _Rule], name: str, what: str) -> _Rule:
    if name not in rules:
        expected, mend = unknown_label(name, list(rules), what)
        raise BadInput(f"the statute has no {what} {name!r}", expected=expected, mend=mend)
    return rules[name]


def bodies_of(rules: Rules) -> dict[str, Body]:
    """The bodies and offices that the statute founds."""
    return {
        name: Body(
            name,
            b.name,
            b.within,
            b.seats,
            b.term_months or 0,
            b.office,
            b.elected_by,
            b.election,
            b.members_of,
            True,
            [q.model_dump(mode="json") for q in b.quotas],
            list(b.first_plenary),
            b.vacancies,
            b.recall,
        )
        for name, b in rules.bodies.items()
    }


def highest_body(rules: Rules) -> str:
    """The body that belongs to no other."""
    return next(name for name, b in rules.bodies.items() if b.within is None)
