"""The papers of a ballot, and their count on the terms it froze: pure, so that `verify` counts again and must find the
same.

A motion is decided by its rule (rules 2, 3 and 4). An election is counted by its method; where the statute asks for a
majority of one who is to be elected alone, those who missed it go to a re-ballot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from lustrum.congress.canonical import canonical
from lustrum.congress.entities import Ballot
from lustrum.congress.voting import (
    REASONS,
    Ballots,
    Count,
    Decision,
    DecisionRule,
    Majority,
    Quorum,
    Tally,
    count,
    decide,
    fault,
    paper_of,
    tally_of,
    write_blt,
)
from lustrum.errors import BadInput, Refused

#: Papers as the ballot box gives them, each with its weight.
Papers = Sequence[tuple[Any, int]]


def result_of(
    frozen: Mapping[str, Any], papers: Papers, seed: str | None = None, elsewhere: int | None = None
) -> dict[str, Any]:
    """Count papers on the terms of their ballot.

    Parameters
    ----------
    seed
        Published seed of a lot, where one was drawn.
    elsewhere
        For ballots counted elsewhere: how many had the vote there; the quorum is taken of them.

    Returns
    -------
    dict
        For a motion `outcome`, `tally`, `decision`. For an election `outcome` (elected, reballot, none, no_quorum),
        `elected`, `contest` and `places` of a re-ballot, `why`, and the whole `count`.
    """
    ballots = Ballots(tuple(frozen["options"]), tuple((paper_of(paper), weight) for paper, weight in papers))
    if frozen["method"].startswith("yes-no/"):
        return _motion(frozen, ballots)
    return _election(frozen, ballots, seed, elsewhere)


def _motion(frozen: Mapping[str, Any], ballots: Ballots) -> dict[str, Any]:
    tally = tally_of(
        count(frozen["method"], ballots),
        present=max(frozen["present"], ballots.weight),
        members=_members(frozen, ballots),
    )
    decision = decide(DecisionRule(Majority(**frozen["rule"]["majority"])), tally)
    quorum = _quorum(frozen, tally.cast)
    return {
        "outcome": "no_quorum" if quorum.outcome == "no_quorum" else decision.outcome,
        "decision": {
            **decision.document(),
            "took_part": quorum.took_part,
            "quorum": quorum.quorum,
            "quorum_of": quorum.quorum_of,
        },
        "tally": {
            "yes": tally.yes,
            "no": tally.no,
            "abstain": tally.abstain,
            "invalid": tally.invalid,
            "cast": tally.cast,
            "present": frozen["present"],
            "members": frozen["members"],
        },
    }


def _members(frozen: Mapping[str, Any], ballots: Ballots) -> int:
    return int(max(frozen["members"], frozen["present"], ballots.weight))


def _quorum(frozen: Mapping[str, Any], cast: int, elsewhere: int | None = None) -> Decision:
    """Whether enough took part: present at the opening, or have voted at the close. Ballots counted elsewhere have no
    opening here: those who voted there are taken of those who could.
    """
    rule = frozen["rule"]["quorum"]
    if rule["at"] == "opening" and elsewhere is None:
        quorum = Quorum(rule["num"], rule["den"], rule["base"], "opening", "present")
        there = Tally(0, 0, present=frozen["present"], members=max(frozen["members"], frozen["present"]))
    else:
        quorum = Quorum(rule["num"], rule["den"], rule["base"], "close", "cast")
        of = elsewhere if elsewhere is not None else max(frozen["members"], cast)
        there = Tally(cast, 0, members=of)
    return decide(DecisionRule(Majority(0, 1, "valid", False), quorum), there)


def _election(frozen: Mapping[str, Any], ballots: Ballots, seed: str | None, elsewhere: int | None) -> dict[str, Any]:
    rule = frozen["rule"]
    asked: dict[str, Any] = {"invalid": rule["invalid"]}
    if frozen["constraints"]:
        asked["constraints"] = frozen["constraints"]
    counted = count(frozen["method"], ballots, seats=frozen["seats"], seed=seed, rules=asked)
    out: dict[str, Any] = {
        "outcome": "elected",
        "elected": list(counted.elected),
        "contest": [],
        "places": 0,
        "why": "",
        "count": counted.document(),
    }
    quorum = _quorum(frozen, ballots.weight, elsewhere)
    if quorum.outcome == "no_quorum":
        return out | {
            "outcome": "no_quorum",
            "elected": [],
            "why": f"{quorum.took_part} took part, the quorum is {quorum.quorum} of {quorum.quorum_of}",
        }
    if rule["majority"] is not None:
        tally = Tally(
            counted.valid,
            0,
            0,
            sum(counted.invalid.values()),
            max(frozen["present"], ballots.weight),
            _members(frozen, ballots),
        )
        return _by_majority(frozen, out, counted, tally)
    if counted.ties:
        tie = counted.ties[0]
        return out | {
            "outcome": "reballot",
            "contest": list(tie.options),
            "places": tie.places,
            "why": f"a tie of {', '.join(tie.options)}",
        }
    if not counted.elected:
        return out | {"outcome": "none", "why": "no valid paper"}
    return out


def _by_majority(frozen: Mapping[str, Any], out: dict[str, Any], counted: Count, tally: Tally) -> dict[str, Any]:
    """One is elected by a majority; else the best go to a re-ballot, and those level with the last of them.

    After the last re-ballot nobody is elected without the majority, but for a tie that a lot breaks.
    """
    if frozen["seats"] != 1:
        raise BadInput("an election by majority fills one seat", found=frozen["seats"], expected="1")
    votes = counted.stages[-1].votes if counted.stages else (Fraction(0),) * len(counted.options)
    ranked = sorted(zip(counted.options, votes, strict=True), key=lambda pair: (-pair[1], pair[0]))
    majority = Majority(**frozen["rule"]["majority"])
    base = tally.base("valid" if majority.base == "yes+no" else majority.base)
    out["majority"] = {**majority.document(), "needed": majority.least(base), "of": base}
    reached = majority.reached_by(int(ranked[0][1]), base)
    by_lot = any(lot.purpose == "election" for lot in counted.lots)
    if counted.elected and (reached or by_lot):
        return out
    tied = sorted(option for option, n in ranked if n == ranked[0][1])
    again = frozen["rule"]["reballot"]
    last_round = again is None or frozen["round"] > again["rounds"]
    if len(tied) > 1 and (reached or last_round):
        return out | {
            "elected": [],
            "outcome": "reballot",
            "contest": tied,
            "places": 1,
            "why": f"a tie of {', '.join(tied)}",
        }
    # the winner has no majority: the count elects nobody, and its ties contest nothing
    stages = [{**stage, "elected": []} for stage in out["count"]["stages"]]
    out |= {
        "elected": [],
        "why": f"nobody has {majority.least(base)} of {base}",
        "count": {**out["count"], "elected": [], "ties": [], "stages": stages},
    }
    if last_round:
        return out | {"outcome": "none"}
    least = ranked[min(again["keep"], len(ranked)) - 1][1]
    return out | {"outcome": "reballot", "places": 1, "contest": sorted(o for o, n in ranked if n >= least)}


def next_in_count(
    frozen: Mapping[str, Any], papers: Papers, seed: str | None, gone: Sequence[str], sitting: Sequence[str]
) -> dict[str, Any]:
    """Count the ballots of an election again without those who left; the first elected who does not sit is next.

    Returns
    -------
    dict
        `next` ("" if there is none, with `why`), `gone`, `sitting`, and the `count`.
    """
    left = [o for o in frozen["options"] if o not in gone]
    out: dict[str, Any] = {"next": "", "why": "nobody is left to follow", "gone": list(gone), "sitting": list(sitting)}
    if not left:
        return out | {"count": {}}
    kept = []
    for paper, weight in papers:
        tiers = [[mark for mark in tier if mark not in gone] for tier in paper_of(paper)]
        kept.append((paper_of([tier for tier in tiers if tier]), weight))
    asked: dict[str, Any] = {"invalid": frozen["rule"]["invalid"]}
    if frozen["constraints"]:
        asked["constraints"] = [{**c, "members": [m for m in c["members"] if m in left]} for c in frozen["constraints"]]
    counted = count(frozen["method"], Ballots(tuple(left), tuple(kept)), seats=frozen["seats"], seed=seed, rules=asked)
    follows = [p for p in counted.elected if p not in sitting]
    if follows:
        out |= {"next": follows[0], "why": ""}
    elif counted.ties:
        out |= {"why": f"a tie of {', '.join(counted.ties[0].options)}"}
    return out | {"count": counted.document()}


def papers_of(ballot: Ballot, box: Papers) -> Papers:
    """The papers of a ballot: those of its box, or those taken from elsewhere."""
    if ballot.imported is None:
        return box
    return [(tiers, weight) for weight, tiers in ballot.imported["ballots"]["papers"]]


def counted(ballot: Ballot, papers: Papers, seed: str | None) -> dict[str, Any]:
    """Count a ballot on its frozen terms; the same at the count and whenever it is verified."""
    return result_of(ballot.frozen, papers, seed, ballot.imported["voters"] if ballot.imported else None)


def paper_bytes(options: list[str]) -> int:
    """Size to which secret papers are filled up: the largest ranking, every option in a tier of its own."""
    return max(256, 64 + sum(len(canonical(option)) + 4 for option in options))


def tiers_of(terms: Ballot, paper: Any) -> list[list[str]]:
    """A paper as it is kept: tiers. One word is one mark; marks of a method without ranks are one tier."""
    given = [paper] if isinstance(paper, str) else paper
    tiers = [list(tier) for tier in paper_of(given)]
    if terms.frozen and terms.frozen["method"].split("/")[0] in ("plurality", "approval", "block-approval"):
        return [sorted(mark for tier in tiers for mark in tier)] if tiers else []
    return tiers


def check_paper(terms: Ballot, paper: Any) -> None:
    """Refuse a paper that would not count as it stands; an empty one may be cast, and counts as blank."""
    if not terms.frozen:
        return
    reason = fault(terms.frozen["method"], terms.options, paper_of(paper), seats=terms.seats)
    if reason is not None and reason != "blank":
        raise Refused(
            "this paper would be invalid",
            where=f"ballot {terms.id}",
            found=REASONS[reason],
            expected=f"marks among {', '.join(terms.options[:8])}",
            mend="mark it again",
        )


def by_id(read: Ballots, names: Mapping[str, str], options: Sequence[str], source: str) -> Ballots:
    """The same ballots with candidates by id, in the order of the ballot; `names` gives the id for a name in a file."""
    wanted = tuple(options)
    known = {o: o if o in wanted else names.get(o, "") for o in read.options}
    if sorted(known.values()) != sorted(wanted):
        raise BadInput(
            "the ballots are on other candidates",
            where=source,
            found=", ".join(read.options),
            expected=", ".join(wanted),
            mend="nominate those of the file, under their names",
        )
    papers = tuple((tuple(tuple(known.get(m, m) for m in tier) for tier in paper), w) for paper, w in read.papers)
    return Ballots(wanted, papers)


def as_blt(ballot: Ballot, papers: Papers, names: Mapping[str, str]) -> str:
    """Return the papers of a counted ballot as BLT text, for counting them again elsewhere.

    Parameters
    ----------
    names
        Names of the candidates by id. An id without a name, or whose name another bears too, stands as it is.

    Raises
    ------
    Refused
        If the ballot is not counted. `BadInput` if BLT cannot hold a name.
    """
    if ballot.status not in ("counted", "certified"):
        raise Refused(
            "only a ballot that is counted is written out",
            where=f"ballot {ballot.id}",
            found=f"it is {ballot.status}",
            expected="counted, or certified",
        )
    options = ballot.frozen["options"]
    given = [names.get(option, option) for option in options]
    shown = {o: n if given.count(n) == 1 and n not in options else o for o, n in zip(options, given, strict=True)}
    written = tuple((tuple(tuple(shown.get(m, m) for m in tier) for tier in paper_of(p)), w) for p, w in papers)
    return write_blt(Ballots(tuple(shown.values()), written), ballot.frozen.get("seats", 1), ballot.question)
