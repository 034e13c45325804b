"""The table of voting methods.

A method's name carries a version. A change that could change any result is a new version, never a change of the old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lustrum.congress.voting.apportionment import count_hamilton, count_highest_averages
from lustrum.congress.voting.ballots import Form
from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.decision import Majority
from lustrum.congress.voting.given import is_whole
from lustrum.congress.voting.irv import count_irv
from lustrum.congress.voting.marks import count_marks
from lustrum.congress.voting.meek_stv import DECIMALS as MEEK_DECIMALS
from lustrum.congress.voting.meek_stv import count_meek
from lustrum.congress.voting.result import Sheet
from lustrum.congress.voting.schulze import count_schulze
from lustrum.congress.voting.scottish_stv import DECIMALS as SCOTTISH_DECIMALS
from lustrum.congress.voting.scottish_stv import count_scottish
from lustrum.errors import BadInput

_Papers = dict[tuple[tuple[int, ...], ...], int]


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes
    ----------
    ranked, equal, gaps
        What a paper may hold, as in `Form`.
    invalid
        What happens to a faulty paper unless the rules say otherwise: `reject` or `truncate`.
    rules
        The keys of `rules` the method knows, besides `invalid`.
    single
        Whether it fills one seat only.
    """

    name: str
    version: int
    title: str
    apply: Callable[[_Papers, Sheet, Mapping[str, Any]], None]
    ranked: bool = False
    equal: bool = False
    gaps: bool = False
    invalid: str = "reject"
    rules: tuple[str, ...] = ()
    single: bool = False
    decimals: int = 0

    @property
    def versioned(self) -> str:
        """Name and version: `scottish-stv/1`."""
        return f"{self.name}/{self.version}"

    def form(self, seats: int, rules: Mapping[str, Any]) -> Form:
        """Return what a paper may hold at this election."""
        most = rules.get("max_choices", seats) if "max_choices" in self.rules else None
        return Form(self.ranked, self.equal, self.gaps, most)


def whole(value: object, where: str, least: int) -> int:
    """Return a whole number that the rules give, or say what is wrong with it."""
    if not is_whole(value, least):
        raise BadInput(f"this is no whole number of at least {least}", where=where, found=repr(value))
    return value


def _strict(papers: _Papers) -> dict[tuple[int, ...], int]:
    return {tuple(tier[0] for tier in paper): number for paper, number in papers.items()}


def _fraction(rules: Mapping[str, Any], key: str, *, strict: bool) -> Majority | None:
    """Return a fraction of the valid votes that the rules name, or None."""
    if rules.get(key) is None:
        return None
    try:
        given = dict(rules[key])
        fraction = Majority(**{"strict": strict, "base": "valid", **given})
    except (TypeError, ValueError) as error:
        raise BadInput(
            "this is no fraction", where=key, found=repr(rules[key]), expected='{"num": 1, "den": 2}'
        ) from error
    if fraction.base != "valid":
        raise BadInput("an election takes its fractions of the valid votes", where=key, found=fraction.base)
    return fraction


def _constraints(sheet: Sheet, rules: Mapping[str, Any]) -> Constraints:
    return Constraints(sheet.options, sheet.seats, rules.get("constraints", ()))


def _marks(papers: _Papers, sheet: Sheet, rules: Mapping[str, Any]) -> None:
    constraints, majority = _constraints(sheet, rules), _fraction(rules, "majority", strict=True)
    if constraints and majority:
        raise BadInput(
            "constraints and a majority together are not supported",
            where="rules",
            mend="hold the election with one of the two",
        )
    count_marks(papers, sheet, constraints, majority)


def _yes_no(papers: _Papers, sheet: Sheet, rules: Mapping[str, Any]) -> None:
    votes = [0] * len(sheet.options)
    for paper, number in papers.items():
        votes[paper[0][0]] += number
    sheet.write("votes", votes)


def _irv(papers: _Papers, sheet: Sheet, rules: Mapping[str, Any]) -> None:
    by_history = rules.get("by_history", True)
    if not isinstance(by_history, bool):
        raise BadInput("this is neither true nor false", where="by_history", found=repr(by_history))
    count_irv(_strict(papers), sheet, by_history=by_history)


def _averages(step: int) -> Callable[[_Papers, Sheet, Mapping[str, Any]], None]:
    def apply(papers: _Papers, sheet: Sheet, rules: Mapping[str, Any]) -> None:
        count_highest_averages(papers, sheet, step, _fraction(rules, "threshold", strict=False))

    return apply


def _hamilton(papers: _Papers, sheet: Sheet, rules: Mapping[str, Any]) -> None:
    at_least = whole(rules.get("at_least", 0), "at_least", 0)
    count_hamilton(papers, sheet, _fraction(rules, "threshold", strict=False), at_least)


_ROWS = (
    Method("yes-no", 1, "yes, no and abstain", _yes_no),
    Method("plurality", 1, "most votes", _marks, rules=("constraints", "majority")),
    Method("approval", 1, "approval", _marks, equal=True, rules=("constraints", "majority")),
    Method(
        "block-approval",
        1,
        "block approval: as many marks as seats",
        _marks,
        equal=True,
        rules=("constraints", "majority", "max_choices"),
    ),
    Method(
        "irv",
        1,
        "instant run-off",
        _irv,
        ranked=True,
        invalid="truncate",
        rules=("by_history",),
        single=True,
    ),
    Method(
        "scottish-stv",
        1,
        "single transferable vote, Scottish rules",
        lambda papers, sheet, rules: count_scottish(_strict(papers), sheet, _constraints(sheet, rules)),
        ranked=True,
        invalid="truncate",
        rules=("constraints",),
        decimals=SCOTTISH_DECIMALS,
    ),
    Method(
        "meek-stv",
        1,
        "single transferable vote by Meek's method",
        lambda papers, sheet, rules: count_meek(_strict(papers), sheet, _constraints(sheet, rules)),
        ranked=True,
        invalid="truncate",
        rules=("constraints",),
        decimals=MEEK_DECIMALS,
    ),
    Method(
        "schulze",
        1,
        "Schulze, winning votes",
        lambda papers, sheet, rules: count_schulze(papers, sheet),
        ranked=True,
        equal=True,
        gaps=True,
    ),
    Method("dhondt", 1, "highest averages by D'Hondt", _averages(1), rules=("threshold",)),
    Method("sainte-lague", 1, "highest averages by Sainte-Laguë", _averages(2), rules=("threshold",)),
    Method("hamilton", 1, "largest remainders by Hamilton", _hamilton, rules=("threshold", "at_least")),
)

#: Every method by name.
METHODS: dict[str, Method] = {row.name: row for row in _ROWS}


def method_of(name: str) -> Method:
    """Return a method by its name, with or without version.

    Raises
    ------
    BadInput
        If there is no such method or no such version of it.
    """
    bare, _, version = name.partition("/")
    found = METHODS.get(bare)
    if found is None or (version and version != str(found.version)):
        raise BadInput(
            "this voting method is not known",
            found=name,
            expected=", ".join(row.versioned for row in _ROWS),
            mend="name one of these",
        )
    return found
