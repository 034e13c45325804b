"""Whether a motion is carried: the quorum first, then the majority, in whole numbers.

A missed quorum is `no_quorum`, never a rejection. A tie of yes and no is never carried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lustrum.congress.voting.ballots import is_whole
from lustrum.errors import BadInput

#: What a fraction can be taken of.
BASES = {
    "yes+no": "votes for and against",
    "valid": "valid votes, abstentions with them",
    "cast": "votes cast, invalid ones with them",
    "present": "members present",
    "members": "members of the body",
}
#: When the quorum is looked at. The caller gives the figures of that moment.
MOMENTS = ("opening", "vote", "close")


def _check_fraction(num: object, den: object, where: str) -> None:
    if not is_whole(num, 0) or not is_whole(den, 1) or num > den:
        raise BadInput(
            "this is no fraction between 0 and 1",
            where=where,
            found=f"num {num!r}, den {den!r}",
            mend="give two whole numbers, such as num: 2, den: 3",
        )


def _check_word(word: str, known: tuple[str, ...], where: str) -> None:
    if word not in known:
        raise BadInput("this word is not known", where=where, found=repr(word), expected=", ".join(known))


def _check_keys(document: object, known: tuple[str, ...], where: str) -> None:
    if not isinstance(document, Mapping):
        raise BadInput("this is no set of keys", where=where, found=repr(document), expected=", ".join(known))
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise BadInput("these keys are not known", where=where, found=", ".join(unknown), expected=", ".join(known))


@dataclass(frozen=True)
class Tally:
    """How the votes fell.

    Parameters
    ----------
    yes, no, abstain, invalid
        Votes, by weight where votes have weights.
    present, members
        Members present (at the moment the rule names) and members in all; None where nobody counted them.
    """

    yes: int
    no: int
    abstain: int = 0
    invalid: int = 0
    present: int | None = None
    members: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is None and name in ("present", "members"):
                continue
            if not is_whole(value, 0):
                raise BadInput(
                    "a figure of a tally is no whole number of at least zero",
                    where=name,
                    found=repr(value),
                    mend="count votes in whole numbers",
                )
        chain = [("cast", self.cast), ("present", self.present), ("members", self.members)]
        known = [(name, value) for name, value in chain if value is not None]
        for (few, a), (many, b) in pairwise(known):
            if a > b:
                raise BadInput(
                    f"more {few} than {many}",
                    found=f"{few} {a}, {many} {b}",
                    mend="correct the tally, or leave out what was not counted",
                )

    @property
    def valid(self) -> int:
        """Yes, no and abstentions."""
        return self.yes + self.no + self.abstain

    @property
    def cast(self) -> int:
        """All votes given, valid or not."""
        return self.valid + self.invalid

    def base(self, name: str) -> int:
        """Return the number that a fraction is taken of."""
        value = {
            "yes+no": self.yes + self.no,
            "valid": self.valid,
            "cast": self.cast,
            "present": self.present,
            "members": self.members,
        }[name]
        if value is None:
            raise BadInput(
                f"the rule asks for {BASES[name]}, and the tally does not say how many there are",
                where=name,
                mend=f"give `{name}` with the tally",
            )
        return value


@dataclass(frozen=True)
class Quorum:
    """How many must take part: at least `num`/`den` of `base`, measured as `counted`.

    Attributes
    ----------
    base
        `members` or `present`.
    counted
        Who takes part: `present`, or those who voted: `cast`, `valid`, `yes+no`.
    at
        When it is looked at: `opening`, `vote` or `close`.
    strict
        Whether it takes more than the fraction, and not at least as much.
    """

    num: int
    den: int
    base: str = "members"
    at: str = "vote"
    counted: str = "present"
    strict: bool = False

    def __post_init__(self) -> None:
        _check_fraction(self.num, self.den, "quorum")
        _check_word(self.base, ("members", "present"), "quorum.base")
        _check_word(self.counted, ("present", "cast", "valid", "yes+no"), "quorum.counted")
        _check_word(self.at, MOMENTS, "quorum.at")

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Majority:
    """What carries: more than `num`/`den` of `base`, or, where not strict, at least as much."""

    num: int = 1
    den: int = 2
    base: str = "yes+no"
    strict: bool = True

    def __post_init__(self) -> None:
        _check_fraction(self.num, self.den, "majority")
        _check_word(self.base, tuple(BASES), "majority.base")

    def reached_by(self, votes: int, of: int) -> bool:
        """Return whether so many votes of so many reach it."""
        have, need = votes * self.den, self.num * of
        return have > need if self.strict else have >= need

    def least(self, of: int) -> int:
        """Return the fewest votes of so many that reach it."""
        need, den = self.num * of, self.den
        return need // den + 1 if self.strict else -(-need // den)

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        return dict(vars(self))


@dataclass(frozen=True)
class DecisionRule:
    """A rule of a statute for one kind of decision: a quorum or none, and a majority."""

    majority: Majority = Majority()
    quorum: Quorum | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> DecisionRule:
        """Read `{quorum: {num, den, base, at, counted, strict}, majority: {num, den, base, strict}}`.

        Without a majority it is more than half of yes and no; without a quorum there is none.

        Raises
        ------
        BadInput
            For a key or a word that is not known, and for a fraction that is not between 0 and 1.
        """
        parts: dict[str, Any] = {}
        kinds: dict[str, type[Quorum] | type[Majority]] = {"quorum": Quorum, "majority": Majority}
        _check_keys(document, tuple(kinds), "decision rule")
        for name, kind in kinds.items():
            if document.get(name) is None:
                continue
            _check_keys(document[name], tuple(kind.__dataclass_fields__), name)
            try:
                parts[name] = kind(**document[name])
            except TypeError as error:
                raise BadInput(
                    "a fraction is missing", where=name, found=repr(dict(document[name])), expected="num and den"
                ) from error
        return cls(**parts)

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        quorum = self.quorum.document() if self.quorum else None
        return {"quorum": quorum, "majority": self.majority.document()}


@dataclass(frozen=True)
class Decision:
    """The outcome of a vote on a motion.

    Attributes
    ----------
    outcome
        `adopted`, `rejected` or `no_quorum`.
    yes, needed, of
        Votes for, the fewest that would have carried, and the base they are of.
    took_part, quorum, quorum_of
        Who took part, the fewest that make a quorum, and the base; None where no quorum is asked for.
    tied
        Whether yes and no are equal.
    """

    outcome: str
    yes: int
    needed: int
    of: int
    tied: bool
    took_part: int | None = None
    quorum: int | None = None
    quorum_of: int | None = None

    @property
    def adopted(self) -> bool:
        """Whether the motion is carried."""
        return self.outcome == "adopted"

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        return dict(vars(self))


def decide(rule: DecisionRule, tally: Tally) -> Decision:
    """Decide a motion: the quorum, then the majority.

    Parameters
    ----------
    tally
        `present` and `members` as they were at the moment the quorum names.

    Raises
    ------
    BadInput
        If the rule takes a fraction of something the tally does not give.
    """
    of = tally.base(rule.majority.base)
    tied = tally.yes == tally.no
    needed = max(rule.majority.least(of), 1)
    if rule.majority.base == "yes+no" and 2 * needed == of:
        needed += 1  # half would be a tie, and a tie never carries
    took_part = quorum = quorum_of = None
    outcome = "adopted" if rule.majority.reached_by(tally.yes, of) and not tied else "rejected"
    if rule.quorum is not None:
        quorum_of, took_part = tally.base(rule.quorum.base), tally.base(rule.quorum.counted)
        share = Majority(rule.quorum.num, rule.quorum.den, strict=rule.quorum.strict)
        quorum = share.least(quorum_of)
        if took_part < quorum:
            outcome = "no_quorum"
    return Decision(outcome, tally.yes, needed, of, tied, took_part, quorum, quorum_of)
