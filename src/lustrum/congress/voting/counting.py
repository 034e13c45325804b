"""Counting: papers are sorted into valid and invalid, a method is applied, and what it wrote becomes a `Count`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lustrum.congress.voting.ballots import Ballots, Paper, sort_papers
from lustrum.congress.voting.decision import Tally
from lustrum.congress.voting.methods import Method, method_of, whole
from lustrum.congress.voting.result import Count, Sheet
from lustrum.congress.voting.ties import Lots, Unbroken
from lustrum.errors import BadInput

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
