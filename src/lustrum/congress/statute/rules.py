"""The rules that a statute can give, as data: per kind of decision, per election, per body, for proxies. Thresholds are
whole numbers and fractions of whole numbers; strict shapes, no defaults where a congress has to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lustrum.errors import BadInput
from lustrum.labels import unknown_label


class Rule(BaseModel):
    """A part of the rules: unknown keys are errors, values keep their kind and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Base = Literal["yes+no", "valid", "cast", "present", "members"]
Whole = Annotated[int, Field(ge=0, le=10**9)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
#: A voting method and its version: `scottish-stv/1`.
Method = Annotated[str, Field(pattern=r"^[a-z][a-z-]*/[1-9][0-9]*$")]


class Share(Rule):
    """num/den of a base."""

    num: Whole
    den: Annotated[int, Field(ge=1, le=10**9)]

    @model_validator(mode="after")
    def _at_most_all(self) -> Share:
        if self.num > self.den:
            raise ValueError(f"{self.num}/{self.den} is more than all")
        return self


class Quorum(Share):
    """At least num/den of `base` must be there: present when voting opens, or have voted when it closes."""

    base: Literal["members"] = "members"
    at: Literal["opening", "closing"]


class Majority(Share):
    """Yes must be more than num/den of `base` (`strict`), or at least that."""

    strict: bool
    base: Base


class Movers(Rule):
    """Who may move: members of these bodies, with so many supporters besides the mover."""

    bodies: Annotated[list[Id], Field(min_length=1)]
    supporters: Whole = 0


class Decision(Rule):
    """How one kind of question is decided. A tie is a rejection, whatever the majority asked for."""

    quorum: Quorum
    majority: Majority
    ballot: Literal["open", "secret"]
    tie: Literal["rejected"] = "rejected"
    method: Literal["yes-no/1"] = "yes-no/1"
    moved_by: Movers


class Reballot(Rule):
    """Further rounds where no one has the majority: how many, and how many candidates stay for the next."""

    rounds: Annotated[int, Field(ge=1, le=20)]
    keep: Annotated[int, Field(ge=2, le=100)]


class Election(Rule):
    """How seats are filled. `majority` is for one seat: whom it elects needs it, or there is a re-ballot.

    `ties`: what breaks a tie, in order: the method's own history, a re-ballot among the tied, a recorded lot.
    """

    method: Method
    ballot: Literal["open", "secret"]
    quorum: Quorum
    ties: Annotated[list[Literal["history", "reballot", "lot"]], Field(min_length=1)] = ["history", "reballot", "lot"]
    majority: Majority | None = None
    reballot: Reballot | None = None
    invalid: Literal["reject", "truncate"] = "reject"

    @model_validator(mode="after")
    def _fits(self) -> Election:
        order = ["history", "reballot", "lot"]
        if sorted(set(self.ties), key=order.index) != self.ties:
            raise ValueError("ties are broken by history, then a reballot, then a lot: keep that order")
        if self.reballot is not None and self.majority is None:
            raise ValueError("a reballot needs a majority that was missed: add `majority`, or leave `reballot` out")
        return self


class Quota(Rule):
    """So many seats for those with a value of an attribute that candidates declare (region, trade, sex …)."""

    attribute: Id
    value: Annotated[str, Field(min_length=1, max_length=60)]
    at_least: Whole | None = None
    at_most: Whole | None = None

    @model_validator(mode="after")
    def _something(self) -> Quota:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is more than at_most {self.at_most}")
        return self


class Body(Rule):
    """A body of the organisation, or a single office (`office: true`, one seat).

    Attributes
    ----------
    within
        The body it belongs to; None for the highest.
    seats
        How many; None where credentials say (a congress of delegates).
    elected_by, election
        The body that fills the seats and the election by which it does; both None where credentials fill them.
    members_of
        Seats are only for members of this body.
    first_plenary
        Bodies and offices that this one elects in its first plenary, in order.
    vacancies
        by_election, next_in_count (of the count that filled the seat), or left_vacant.
    recall
        The kind of decision, taken by `elected_by`, that ends a mandate early; None: no recall.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    within: Id | None = None
    office: bool = False
    seats: Annotated[int, Field(ge=1, le=10**6)] | None = None
    elected_by: Id | None = None
    election: Id | None = None
    members_of: Id | None = None
    term_months: Annotated[int, Field(ge=1, le=1200)] | None = None
    quotas: list[Quota] = []
    first_plenary: list[Id] = []
    vacancies: Literal["by_election", "next_in_count", "left_vacant"] = "by_election"
    recall: Id | None = None

    @model_validator(mode="after")
    def _whole(self) -> Body:
        if (self.elected_by is None) != (self.election is None):
            raise ValueError("elected_by and election go together: give both, or neither")
        if self.election is not None and self.seats is None:
            raise ValueError("seats that are elected have a number: add `seats`")
        if self.office and self.seats != 1:
            raise ValueError("an office has one seat: write `seats: 1`")
        for attribute in {q.attribute for q in self.quotas}:
            asked = sum(q.at_least or 0 for q in self.quotas if q.attribute == attribute)
            if self.seats is not None and asked > self.seats:
                raise ValueError(f"the quotas of {attribute} ask for {asked} of the {self.seats} seats")
        return self


class Proxies(Rule):
    """Whether a member may vote for another, for how many at most, and whether those count for the quorum."""

    allowed: bool
    most_per_holder: Whole = 0
    count_for_quorum: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> Proxies:
        if self.allowed != (self.most_per_holder > 0):
            raise ValueError("allowed says whether there are proxies, most_per_holder how many: 0 where there are none")
        return self


#: Kinds of decision that every statute must rule; it may add others.
DECISIONS = ("report", "motion", "amendment", "plan_amendment", "adoption", "statute_amendment", "procedure", "recall")


class Rules(Rule):
    """All machine-read rules of a statute."""

    decisions: dict[Id, Decision]
    elections: dict[Id, Election] = {}
    bodies: dict[Id, Body]
    incompatible: list[Annotated[list[Id], Field(min_length=2)]] = []
    proxies: Proxies

    def decision_rule(self, kind: str) -> Decision:
        """Return the rule for a kind of decision; `BadInput` with the nearest spelling if there is none."""
        return _named(self.decisions, kind, "kind of decision")

    def election_rule(self, kind: str) -> Election:
        """Return the rule for a kind of election; `BadInput` with the nearest spelling if there is none."""
        return _named(self.elections, kind, "kind of election")


_Named = TypeVar("_Named", Decision, Election)


def _named(rules: Mapping[str, _Named], name: str, what: str) -> _Named:
    if name not in rules:
        expected, mend = unknown_label(name, list(rules), what)
        raise BadInput(f"the statute has no {what} {name!r}", expected=expected, mend=mend)
    return rules[name]
