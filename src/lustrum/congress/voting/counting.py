"""The table of voting methods, and counting by one: sort the papers, apply the method, say what came of it.

A method's name carries a version. A change that could change any result is a new version, never a change of the old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lustrum.congress.voting.apportionment import count_hamilton, count_highest_averages
from lustrum.congress.voting.ballots import Ballots, Form, Paper, is_whole, sort_papers
from lustrum.congress.voting.constraints import Constraints
from lustrum.congress.voting.decision import Majority, Tally
from lustrum.congress.voting.marks import count_marks
from lustrum.congress.voting.result import Count, Lots, Sheet, Unbroken
from lustrum.congress.voting.schulze import count_schulze
from lustrum.congress.voting.stv import MEEK_DECIMALS, SCOTTISH_DECIMALS, count_irv, count_meek, count_scottish
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


#: The options of a ballot on a motion; without `abstain` where a statute knows no abstention.
YES_NO = ("yes", "no", "abstain")


def fault(
    method: str, options: tuple[str, ...], paper: Paper, *, seats: int = 1, rules: Mapping[str, Any] | None = None
) -> str | None:
    """Return why a paper would not count as it stands, one of `REASONS`, or None: for asking before it is cast."""
    row = method_of(method)
    found = row.form(seats, rules or {}).fault(frozenset(options), paper)
    return found[0] if found else None


def count(
    method: str,
    ballots: Ballots,
    *,
    seats: int = 1,
    seed: str | None = None,
    rules: Mapping[str, Any] | None = None,
) -> Count:
    """Count ballots by a method.

    Parameters
    ----------
    method
        A name of `METHODS`, with or without version.
    seats
        Seats to fill.
    seed
        The published seed of recorded lots. Without one a tie that the method's own history does not break is reported
        in `Count.ties`, and the seats it concerns stay open.
    rules
        `invalid`: `reject` or `truncate`; and what the method knows besides: `constraints`, `majority`, `max_choices`,
        `threshold`, `at_least` (see `docs/voting.md`).

    Raises
    ------
    BadInput
        For rules the method does not know, and for constraints nobody nominated can satisfy.
    """
    row = method_of(method)
    rules = dict(rules or {})
    _check_rules(row, rules, seats, ballots)
    papers = sort_papers(ballots, row.form(seats, rules), rules.get("invalid", row.invalid))
    sheet = Sheet(ballots.options, seats, Lots(seed), row.decimals)
    if papers.papers or row.name == "yes-no":
        try:
            row.apply(papers.papers, sheet, rules)
        except Unbroken as unbroken:
            sheet.ties.append(unbroken.tie)
            if unbroken.tie.purpose == "election":
                sheet.reballot = unbroken.tie.options
    return Count(
        method=row.versioned,
        options=ballots.options,
        seats=seats,
        valid=papers.valid,
        invalid=papers.invalid,
        truncated=papers.truncated,
        stages=tuple(sheet.stages),
        elected=tuple(sheet.elected),
        decimals=row.decimals,
        awarded=sheet.awarded,
        ranking=sheet.ranking,
        ties=tuple(sheet.ties),
        lots=tuple(sheet.lots.drawn),
        reballot=sheet.reballot,
        facts=sheet.facts,
    )


def tally_of(count: Count, *, present: int | None = None, members: int | None = None) -> Tally:
    """Return the tally of a `yes-no` count, for `decide`."""
    if not count.method.startswith("yes-no/"):
        raise BadInput("this is no count of yes and no", found=count.method, expected="yes-no")
    votes = {o: int(v) for o, v in zip(count.options, count.stages[0].votes, strict=True)}
    invalid = sum(count.invalid.values())
    return Tally(votes["yes"], votes["no"], votes.get("abstain", 0), invalid, present, members)


def _check_rules(row: Method, rules: dict[str, Any], seats: int, ballots: Ballots) -> None:
    whole(seats, "seats", 1)
    known = ("invalid", *row.rules)
    if unknown := sorted(set(rules) - set(known)):
        raise BadInput(
            f"{row.versioned} does not know these rules",
            where="rules",
            found=", ".join(unknown),
            expected=", ".join(known),
            mend="leave them out, or choose a method that knows them",
        )
    policy = rules.get("invalid", row.invalid)
    if policy not in ("reject", "truncate") or (policy == "truncate" and not row.ranked):
        raise BadInput(
            "this policy for invalid papers is not known here",
            where="rules.invalid",
            found=repr(policy),
            expected="reject, truncate" if row.ranked else "reject",
        )
    if "max_choices" in rules:
        whole(rules["max_choices"], "max_choices", 1)
    if row.single and seats != 1:
        raise BadInput(f"{row.versioned} fills one seat", where="seats", found=seats, mend="hold one election a seat")
    if row.name == "yes-no" and ballots.options not in (YES_NO, YES_NO[:2]):
        raise BadInput(
            "a yes-no ballot has its own options", found=", ".join(ballots.options), expected=", ".join(YES_NO)
        )
