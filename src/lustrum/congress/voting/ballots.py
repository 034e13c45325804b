"""Ballots as they come out of a ballot box or a file, and which of them a method can count.

A paper is a ranking: a tuple of tiers, each tier the options that share a place. The order of the papers means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from lustrum.errors import BadInput


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Return whether something is a whole number of at least `least`; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_line(value: object) -> TypeGuard[str]:
    """Return whether something is one line of text with something on it."""
    return isinstance(value, str) and bool(value.strip()) and len(value.splitlines()) == 1


#: A ranking, best first. `(("a",), ("b", "c"))`: a, then b and c alike. An empty tier is a rank left out.
Paper = tuple[tuple[str, ...], ...]

#: What can make a paper invalid, in the order in which it is looked for.
REASONS = {
    "blank": "nothing is marked",
    "unknown_option": "something that is not on the paper is marked",
    "repeated_option": "an option is marked twice",
    "skipped_rank": "a rank is left out",
    "equal_rank": "two options share a rank, which this method does not take",
    "too_many": "more options are marked than the rule allows",
}


@dataclass(frozen=True)
class Ballots:
    """The options of a ballot and the papers given.

    Parameters
    ----------
    options
        Identifiers of what can be marked, in the order of the paper. That order decides nothing.
    papers
        Each paper with its weight, a whole number of at least one: how many voters gave it, or the votes one mandate
        carries.

    Raises
    ------
    BadInput
        For options that repeat or are no single line of text, and for weights that are no whole numbers.
    """

    options: tuple[str, ...]
    papers: tuple[tuple[Paper, int], ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for option in self.options:
            if not is_line(option):
                raise BadInput("an option is no single line of text", found=repr(option), mend="give it a short name")
            if option in seen:
                raise BadInput("an option stands twice on the paper", found=option, mend="name each option once")
            seen.add(option)
        if not self.options:
            raise BadInput("a ballot without options", mend="name at least one option")
        for number, (_, weight) in enumerate(self.papers, 1):
            if not is_whole(weight, 1):
                raise BadInput(
                    "a weight is no whole number of at least one",
                    where=f"paper {number}",
                    found=repr(weight),
                    mend="leave papers without weight out; votes are counted in whole numbers",
                )

    @property
    def weight(self) -> int:
        """The sum of all weights, valid or not."""
        return sum(weight for _, weight in self.papers)

    def grouped(self) -> Ballots:
        """Return the same ballots with equal papers put together, in an order that says nothing about their arrival."""
        sums: dict[Paper, int] = {}
        for paper, weight in self.papers:
            sums[paper] = sums.get(paper, 0) + weight
        return Ballots(self.options, tuple(sorted(sums.items())))

    def document(self) -> dict[str, Any]:
        """Return the grouped ballots as JSON data: `options`, and `papers` of `[weight, tiers]`."""
        rows = [[weight, [list(tier) for tier in paper]] for paper, weight in self.grouped().papers]
        return {"options": list(self.options), "papers": rows}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Ballots:
        """Read what `document` wrote."""
        try:
            options = tuple(document["options"])
            papers = tuple((paper_of(tiers), weight) for weight, tiers in document["papers"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(
                "this is no document of ballots",
                found=str(error),
                expected='{"options": [...], "papers": [[weight, [[option, ...], ...]], ...]}',
                mend="write it with Ballots.document()",
            ) from error
        return cls(options, papers)


def paper_of(tiers: Sequence[Any]) -> Paper:
    """Return a paper from lists as JSON has them: `["a", ["b", "c"]]` or `[["a"], ["b", "c"]]`."""
    if isinstance(tiers, str) or not isinstance(tiers, Sequence):
        raise BadInput("this is no paper", found=repr(tiers), expected='a list of tiers: [["a"], ["b", "c"]]')
    paper: list[tuple[str, ...]] = []
    for tier in tiers:
        marks = (tier,) if isinstance(tier, str) else tuple(tier)
        if not all(isinstance(mark, str) for mark in marks):
            raise BadInput("a mark is no option", found=repr(tier), expected="names of options")
        paper.append(tuple(sorted(marks)))
    return tuple(paper)


@dataclass(frozen=True)
class Form:
    """What a method takes on one paper.

    Attributes
    ----------
    ranked
        Whether the order of the tiers is read. If not, a paper is one tier.
    equal
        Whether options may share a tier.
    gaps
        Whether a rank left out is nothing to mind.
    most
        The largest number of marks, or None.
    """

    ranked: bool
    equal: bool
    gaps: bool = False
    most: int | None = None

    def fault(self, options: frozenset[str], paper: Paper) -> tuple[str, int] | None:
        """Return the reason a paper is not in form and the tier where that shows, or None."""
        marks = [mark for tier in paper for mark in tier]
        if not marks:
            return "blank", 0
        found = [fault for k in range(len(paper)) if (fault := self._fault_at(options, paper, k))]
        if found:
            first = min(tier for _, tier in found)
            return min((f for f in found if f[1] == first), key=lambda f: list(REASONS).index(f[0]))
        if self.most is not None and len(marks) > self.most:
            return "too_many", 0
        return None

    def _fault_at(self, options: frozenset[str], paper: Paper, k: int) -> tuple[str, int] | None:
        tier = paper[k]
        before = {mark for earlier in paper[:k] for mark in earlier}
        if not options.issuperset(tier):
            return "unknown_option", k
        if len(set(tier)) < len(tier) or before.intersection(tier):
            return "repeated_option", k
        if not tier and not self.gaps:
            return "skipped_rank", k
        if not self.ranked and k > 0:
            return "too_many", k
        if len(tier) > 1 and not self.equal:
            return ("equal_rank" if self.ranked else "too_many"), k
        return None


@dataclass(frozen=True)
class Sorted:
    """Papers sorted into those that count and those that do not.

    Attributes
    ----------
    papers
        What counts, as positions of options, equal papers put together: `{((2,), (0, 1)): weight}`.
    invalid, truncated
        Weight set aside, and weight counted only up to its first fault, by reason.
    """

    papers: dict[tuple[tuple[int, ...], ...], int]
    invalid: dict[str, int]
    truncated: dict[str, int]

    @property
    def valid(self) -> int:
        """The weight that counts."""
        return sum(self.papers.values())


def sort_papers(ballots: Ballots, form: Form, policy: str) -> Sorted:
    """Sort papers by a form and a policy.

    Parameters
    ----------
    policy
        `reject`: a paper with any fault is invalid. `truncate`: a paper counts up to its first fault, and is invalid
        only if nothing stands before that.
    """
    options = frozenset(ballots.options)
    place = {option: k for k, option in enumerate(ballots.options)}
    papers: dict[tuple[tuple[int, ...], ...], int] = {}
    invalid: dict[str, int] = {}
    truncated: dict[str, int] = {}
    for paper, weight in ballots.papers:
        fault = form.fault(options, paper)
        if fault:
            reason, tier = fault
            if policy == "reject" or tier == 0:
                invalid[reason] = invalid.get(reason, 0) + weight
                continue
            truncated[reason] = truncated.get(reason, 0) + weight
            paper = paper[:tier]
        key = tuple(tuple(sorted(place[mark] for mark in tier)) for tier in paper if tier)
        papers[key] = papers.get(key, 0) + weight
    return Sorted(dict(sorted(papers.items())), dict(sorted(invalid.items())), dict(sorted(truncated.items())))
