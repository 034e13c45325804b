"""Ask pref_voting who wins 11,000 random elections, and record its answers for the tests, or check those recorded.

    python -m venv /some/where && /some/where/bin/pip install '.[crosscheck]'
    /some/where/bin/python -m tools.crosscheck_voting            # compare pref_voting now with what is recorded
    /some/where/bin/python -m tools.crosscheck_voting --record   # write what pref_voting says now

pref_voting has an environment of its own, because it asks for 780 MB of libraries and for an older numpy than the
package runs on. The 10,000 are of kinds it counts in whole numbers: plurality, approval, instant run-off with every way
of breaking ties, and Schulze (beat path), with strict and with weak rankings. Another 1,000 are single transferable
votes, which it counts in floating point.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.congress.voting.elections import COMPARED, COMPARED_STV, all_drawn, digest, seats_of  # noqa: E402

from lustrum.congress.voting import Ballots  # noqa: E402

ASKED = sum({**COMPARED, **COMPARED_STV}.values())
RECORDED = REPOSITORY / "tests" / "congress" / "voting" / "pref_voting_answers.json"


def answer(kind: str, ballots: Ballots) -> str:
    """Return the winners pref_voting names, as a word of option letters."""
    from pref_voting.grade_methods import approval
    from pref_voting.grade_profiles import GradeProfile
    from pref_voting.iterative_methods import instant_runoff_put
    from pref_voting.margin_based_methods import beat_path
    from pref_voting.profiles import Profile
    from pref_voting.profiles_with_ties import ProfileWithTies
    from pref_voting.proportional_methods import stv_meek, stv_scottish
    from pref_voting.scoring_methods import plurality

    place = {option: k for k, option in enumerate(ballots.options)}
    weights = [weight for _, weight in ballots.papers]
    found: list[Any]
    if kind == "approval":
        maps = [{k: int(o in paper[0]) for o, k in place.items()} for paper, _ in ballots.papers]
        found = approval(GradeProfile(maps, [0, 1], gcounts=weights, candidates=list(place.values())))
    elif kind == "schulze-weak":
        rankings = [{place[o]: t for t, tier in enumerate(paper) for o in tier} for paper, _ in ballots.papers]
        profile = ProfileWithTies(rankings, rcounts=weights, candidates=list(place.values()))
        profile.use_extended_strict_preference()
        # Winning votes, and where these are equal the fewer against: in one whole number.
        many = 1 + sum(weights)
        found = beat_path(
            profile, strength_function=lambda a, b: int(profile.support(a, b)) * many - int(profile.support(b, a))
        )
    elif kind in COMPARED_STV:
        rankings = [[place[tier[0]] for tier in paper] for paper, _ in ballots.papers]
        profile = Profile(rankings, rcounts=weights)
        # A seed makes its own lots the same each time. Where it draws one, nothing is compared.
        if kind == "scottish-stv":
            found = stv_scottish(profile, num_seats=seats_of(ballots), rng=Random(0))
        else:
            found = stv_meek(profile, num_seats=seats_of(ballots))
    else:
        # plurality reads first places only; the rest of its rankings may stand in any order
        tops = [[place[o] for tier in paper for o in tier] for paper, _ in ballots.papers]
        full = [top + [k for k in place.values() if k not in top] for top in tops]
        method = {"plurality": plurality, "irv": instant_runoff_put, "schulze": beat_path}[kind]
        found = method(Profile(full, rcounts=weights))
    return "".join(sorted(ballots.options[int(k)] for k in found))


def answers() -> dict[str, Any]:
    """Return pref_voting's answers with its version, and the digest of the elections it was asked about."""
    out: dict[str, Any] = {"pref_voting": version("pref_voting"), "kinds": {}}
    for kind in (*COMPARED, *COMPARED_STV):
        elections = all_drawn(kind)
        out["kinds"][kind] = {
            "elections": digest(elections),
            "winners": " ".join(answer(kind, ballots) for ballots in elections),
        }
    return out


def main() -> int:
    """Record or check."""
    now = answers()
    if "--record" in sys.argv[1:]:
        RECORDED.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        print(f"recorded {ASKED} answers of pref_voting {now['pref_voting']}")
        return 0
    same = json.loads(RECORDED.read_text(encoding="utf-8"))["kinds"] == now["kinds"]
    print(f"pref_voting {now['pref_voting']}: {ASKED} answers, {'as' if same else 'NOT as'} recorded")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
