"""Ties: broken by earlier stages of the same count, else by a recorded lot drawn from a published seed, else reported.

The lot is one anyone can draw again with `sha256sum`; `docs/voting.md` gives the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lustrum.congress.voting.given import is_line
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


def narrowed(
    tied: Iterable[int],
    history: Sequence[Sequence[int]],
    extreme: Callable[[Iterable[int]], int],
    margin: int = 0,
) -> list[int]:
    """Narrow a tie by earlier stages, the most recent first.

    Parameters
    ----------
    history
        Votes at the end of every earlier stage.
    extreme
        `min` keeps those with fewest votes at a stage, `max` those with most.
    margin
        Votes that differ by no more count as equal.
    """
    left = list(tied)
    for votes in reversed(history):
        if len(left) == 1:
            break
        end = extreme(votes[k] for k in left)
        left = [k for k in left if abs(votes[k] - end) <= margin]
    return left
