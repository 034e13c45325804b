"""Who stands in an election, and what the quotas of its body ask of those who are elected together."""

from __future__ import annotations

from typing import Any

from lustrum.congress.state.deciding import Election
from lustrum.congress.state.state import State
from lustrum.congress.voting.constraints import Constraints


def standing(election: Election) -> tuple[str, ...]:
    """The candidates who have not withdrawn, in the order of their ids."""
    return tuple(sorted(c.person for c in election.candidates.values() if not c.withdrawn))


def constraints_of(state: State, election: Election, options: tuple[str, ...], seats: int) -> list[dict[str, Any]]:
    """The quotas of the body for this contest: less what those who sit already, or are already elected, fill of them.

    One who sits and stands again counts as a candidate only.
    """
    sitting = {m.person for m in state.seated(election.body)} - set(options)
    have = sitting | set(election.elected)
    out: list[dict[str, Any]] = []
    for quota in state.bodies[election.body].quotas:
        group = {p for p in (*have, *options) if state.people[p].attributes.get(quota["attribute"]) == quota["value"]}
        filled = len(group & have)
        entry: dict[str, Any] = {
            "name": f"{quota['attribute']}: {quota['value']}",
            "members": [p for p in options if p in group],
        }
        if quota["at_least"] is not None:
            entry["at_least"] = min(max(quota["at_least"] - filled, 0), seats)
        if quota["at_most"] is not None:
            entry["at_most"] = max(quota["at_most"] - filled, 0)
        out.append(entry)
    return out


def check_quotas(state: State, election: Election, options: tuple[str, ...], seats: int) -> None:
    """Refuse a contest that no set of candidates could fill within the quotas; `BadInput` says what is missing."""
    Constraints(options, seats, constraints_of(state, election, options, seats))
