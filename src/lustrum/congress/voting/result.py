"""What a count says: who is elected, stage by stage how, which ties and lots, and which papers did not count.

A tie is broken by earlier stages of the same count, else by a lot drawn from a published seed, else it is reported.
Anyone can draw a lot again with `sha256sum`; `docs/voting.md` gives the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any

from lustrum.congress.voting.ballots import is_line
from lustrum.errors import BadInput

LOT_VERSION = "lustrum-lot/1"


@dataclass(frozen=True)
class Tie:
    """A tie the count did not break.

    Attributes
    ----------
    options
        The tied, in the order of the paper.
    places
        How many of them are to be taken.
    purpose
        `election`: they contest places, and a re-ballot among them decides. `exclusion` or `surplus`: the count stands
        still until a lot says who leaves, or whose surplus moves, first.
    """

    options: tuple[str, ...]
    places: int
    purpose: str

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        return {"options": list(self.options), "places": self.places, "purpose": self.purpose}


@dataclass(frozen=True)
class Lot:
    """A lot that was drawn.

    Attributes
    ----------
    number
        First, second, ... lot of this count.
    digests
        Each tied option with its digest, smallest digest first.
    drawn
        The options taken: the first `places` of `digests`.
    """

    number: int
    purpose: str
    seed: str
    digests: tuple[tuple[str, str], ...]
    drawn: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "number": self.number,
            "purpose": self.purpose,
            "procedure": LOT_VERSION,
            "seed": self.seed,
            "digests": [{"option": option, "sha256": digest} for option, digest in self.digests],
            "drawn": list(self.drawn),
        }


class Unbroken(Exception):
    """A tie met without a seed: the count stands still here."""

    def __init__(self, tie: Tie) -> None:
        super().__init__(tie)
        self.tie = tie


def digest_of(seed: str, number: int, option: str) -> str:
    """Return the digest of one option in one lot: sha256 over four lines, the last without a line end."""
    return sha256(f"{LOT_VERSION}\n{seed}\n{number}\n{option}".encode()).hexdigest()


class Lots:
    """The lots of one count, numbered as they are drawn.

    Parameters
    ----------
    seed
        One line of text, published before the count; None where ties are to be reported and not broken.
    """

    def __init__(self, seed: str | None) -> None:
        if seed is not None and not is_line(seed):
            raise BadInput(
                "the seed of a lot is no single line of text",
                found=repr(seed),
                mend="publish one line before the count, such as the closing figures of a named market or lottery",
            )
        self.seed = seed
        self.drawn: list[Lot] = []

    def draw(self, tied: Sequence[str], places: int, purpose: str) -> tuple[str, ...]:
        """Draw `places` of the tied, or raise Unbroken where there is no seed."""
        if self.seed is None:
            raise Unbroken(Tie(tuple(tied), places, purpose))
        number = len(self.drawn) + 1
        digests = sorted((digest_of(self.seed, number, option), option) for option in tied)
        taken = tuple(option for _, option in digests[:places])
        self.drawn.append(Lot(number, purpose, self.seed, tuple((o, d) for d, o in digests), taken))
        return taken


def in_words(value: Fraction | int, decimals: int) -> str:
    """Return an exact figure as text: a decimal number where that is exact, else a fraction."""
    value = Fraction(value)
    scaled = value * 10**decimals
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    whole, rest = divmod(abs(scaled.numerator), 10**decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


@dataclass(frozen=True)
class Stage:
    """One step of a count, with the figures as they stand after it.

    Attributes
    ----------
    votes
        Votes (for lists: quotients) of every option, in the order of the paper. Exact.
    changes
        What the stage added or took.
    exhausted, lost
        Votes that went to nobody, for want of a further preference and by dropped fractions, since the beginning.
    """

    number: int
    action: str
    votes: tuple[Fraction, ...]
    changes: tuple[Fraction, ...]
    exhausted: Fraction = Fraction(0)
    lost: Fraction = Fraction(0)
    quota: Fraction | None = None
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Count:
    """The outcome of a count.

    Attributes
    ----------
    method
        Name and version of the method, `scottish-stv/1`.
    elected
        Who is elected, in the order of election. For lists one entry a seat.
    awarded
        Seats by list, for the methods that give seats to lists; else empty.
    ranking
        Levels of the full order, best first, where the method gives one; else empty.
    ties
        Ties that nothing broke. While there is one, seats are open.
    reballot
        Between whom the vote is to be repeated, where it is.
    facts
        Further figures of the method, such as pairwise counts: JSON data.
    """

    method: str
    options: tuple[str, ...]
    seats: int
    valid: int
    invalid: dict[str, int]
    truncated: dict[str, int]
    stages: tuple[Stage, ...]
    elected: tuple[str, ...]
    decimals: int = 0
    awarded: dict[str, int] = field(default_factory=dict)
    ranking: tuple[tuple[str, ...], ...] = ()
    ties: tuple[Tie, ...] = ()
    lots: tuple[Lot, ...] = ()
    reballot: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to decide: no tie, no re-ballot."""
        return not self.ties and not self.reballot

    def document(self) -> dict[str, Any]:
        """Return the count as JSON data of whole numbers and text; votes with fractions are decimal text."""
        return {
            "method": self.method,
            "options": list(self.options),
            "seats": self.seats,
            "valid": self.valid,
            "invalid": dict(self.invalid),
            "truncated": dict(self.truncated),
            "elected": list(self.elected),
            "awarded": dict(self.awarded),
            "ranking": [list(level) for level in self.ranking],
            "ties": [tie.document() for tie in self.ties],
            "lots": [lot.document() for lot in self.lots],
            "reballot": list(self.reballot),
            "facts": self.facts,
            "stages": [self._stage(stage) for stage in self.stages],
        }

    def _stage(self, stage: Stage) -> dict[str, Any]:
        def exact(value: Fraction) -> int | str:
            return value.numerator if value.denominator == 1 and not self.decimals else in_words(value, self.decimals)

        return {
            "stage": stage.number,
            "action": stage.action,
            "votes": [exact(v) for v in stage.votes],
            "changes": [exact(v) for v in stage.changes],
            "exhausted": exact(stage.exhausted),
            "lost": exact(stage.lost),
            "quota": "" if stage.quota is None else exact(stage.quota),
            "elected": list(stage.elected),
            "excluded": list(stage.excluded),
            "notes": list(stage.notes),
        }

    def table(self) -> list[list[str]]:
        """Return a table a person can follow: a heading, then a row a stage."""
        rows = [["stage", "action", *self.options, "not transferable", "lost by fraction", "quota", "outcome"]]
        for stage in self.stages:
            cells = [self._cell(v, c, stage.number) for v, c in zip(stage.votes, stage.changes, strict=True)]
            outcome = [f"elected: {', '.join(stage.elected)}"] if stage.elected else []
            outcome += [f"excluded: {', '.join(stage.excluded)}"] if stage.excluded else []
            rows.append(
                [
                    str(stage.number),
                    stage.action,
                    *cells,
                    in_words(stage.exhausted, self.decimals),
                    in_words(stage.lost, self.decimals),
                    "" if stage.quota is None else in_words(stage.quota, self.decimals),
                    "; ".join([*outcome, *stage.notes]),
                ]
            )
        return rows

    def _cell(self, votes: Fraction, change: Fraction, number: int) -> str:
        text = in_words(votes, self.decimals)
        if number == 1 or not change:
            return text
        return f"{text} ({'+' if change > 0 else ''}{in_words(change, self.decimals)})"


class Sheet:
    """The sheet a method writes on while it counts.

    Votes are written as whole multiples of one vote's last decimal, so that nothing is ever rounded on the way.
    """

    def __init__(self, options: tuple[str, ...], seats: int, lots: Lots, decimals: int = 0) -> None:
        self.options, self.seats, self.lots, self.decimals = options, seats, lots, decimals
        self.stages: list[Stage] = []
        self.elected: list[str] = []
        self.awarded: dict[str, int] = {}
        self.ranking: tuple[tuple[str, ...], ...] = ()
        self.ties: list[Tie] = []
        self.reballot: tuple[str, ...] = ()
        self.facts: dict[str, Any] = {}
        self.notes: list[str] = []

    def names(self, places: list[int]) -> tuple[str, ...]:
        """Return the options at these positions."""
        return tuple(self.options[k] for k in places)

    def listed(self, places: list[int]) -> str:
        """Return the options at these positions as text."""
        return ", ".join(self.names(places))

    def write(
        self,
        action: str,
        votes: list[Fraction] | list[int],
        *,
        exhausted: int = 0,
        lost: int = 0,
        quota: int | None = None,
        elected: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
    ) -> None:
        """Write a stage; notes taken since the last stage go with it, and the elected are elected."""
        unit = 10**self.decimals
        exact = tuple(Fraction(v, unit) for v in votes)
        before = self.stages[-1].votes if self.stages else (Fraction(0),) * len(exact)
        self.stages.append(
            Stage(
                number=len(self.stages) + 1,
                action=action,
                votes=exact,
                changes=tuple(now - then for now, then in zip(exact, before, strict=True)),
                exhausted=Fraction(exhausted, unit),
                lost=Fraction(lost, unit),
                quota=None if quota is None else Fraction(quota, unit),
                elected=elected,
                excluded=excluded,
                notes=tuple(self.notes),
            )
        )
        self.notes.clear()
        self.elected += elected

    def draw(self, tied: list[int], places: int, purpose: str) -> list[int]:
        """Draw a lot among options at these positions, with a note; Unbroken where there is no seed."""
        drawn = self.lots.draw(self.names(tied), places, purpose)
        self.notes.append(f"tie of {self.listed(tied)}: lot {len(self.lots.drawn)} draws {', '.join(drawn)}")
        return [self.options.index(option) for option in drawn]

    def look_back(
        self,
        tied: list[int],
        history: Sequence[Sequence[int]],
        extreme: Callable[[Iterable[int]], int],
        margin: int = 0,
        step: str = "stage",
    ) -> list[int]:
        """Narrow a tie by earlier stages, the most recent first, with a note if one is left.

        Parameters
        ----------
        history
            Votes at the end of every earlier stage.
        extreme
            `min` keeps those with fewest votes at a stage, `max` those with most.
        margin
            Votes that differ by no more than this count as equal.
        step
            What a stage is called in the note.
        """
        left = list(tied)
        for votes in reversed(history):
            if len(left) == 1:
                break
            end = extreme(votes[k] for k in left)
            left = [k for k in left if abs(votes[k] - end) <= margin]
        if len(left) == 1 < len(tied):
            self.notes.append(f"tie of {self.listed(tied)}: an earlier {step} points to {self.listed(left)}")
        return left
