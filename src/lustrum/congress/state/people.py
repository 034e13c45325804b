"""People, bodies, credentials, proxies, mandates: who may act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Person:
    """Someone who may hold a credential or a seat; `attributes` are what quotas look at."""

    id: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Body:
    """A body or a single office. `seats` is None where credentials say who sits; `term` is in months, 0 without end.

    `in_statute` tells the bodies that the statute founds from those founded to answer for tasks; one that a later
    statute no longer has is `dissolved`.
    """

    id: str
    name: str
    parent: str | None
    seats: int | None = None
    term: int = 0
    office: bool = False
    elected_by: str | None = None
    election: str | None = None
    members_of: str | None = None
    in_statute: bool = False
    quotas: list[dict[str, Any]] = field(default_factory=list)
    first_plenary: list[str] = field(default_factory=list)
    vacancies: str = "by_election"
    recall: str | None = None
    dissolved: bool = False


@dataclass(slots=True)
class Credential:
    """The right of a person to sit and vote in a body: issued, accredited, revoked."""

    id: str
    person: str
    body: str
    weight: int = 1
    mandate: str | None = None
    delegation: str = ""
    status: str = "issued"


@dataclass(slots=True)
class Proxy:
    """`holder` votes for `giver` (both credentials) in one session."""

    session: str
    giver: str
    holder: str


@dataclass(slots=True)
class Mandate:
    """A seat held: elected, active, ended (expired, resigned, recalled); nominated are the candidates of an election.

    `follows` names the mandate whose seat was filled from the same count, `followed_by` the one that filled it.
    """

    id: str
    person: str
    body: str
    election: str
    ballot: str
    status: str = "elected"
    since: str = ""
    until: str = ""
    ended: str = ""
    ended_on: str = ""
    follows: str | None = None
    followed_by: str | None = None
