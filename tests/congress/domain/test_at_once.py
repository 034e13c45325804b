"""Many at once: threads on one congress and a second desk beside it; one ballot each, whoever is first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.congress.domain.house import House

from lustrum.congress.assembly import Congress
from lustrum.congress.proof import verify
from lustrum.errors import Refused


def test_votes_cast_at_once_are_taken_once_each(house: House) -> None:
    ballot = house.congress.ballots.prepare(motion=house.debated())
    house.congress.ballots.open(ballot)
    with Congress.open(house.path, house.key, house.clock) as other:
        desks = [house.congress, other]

        def cast(k: int) -> bool:
            try:
                desks[k % 2].ballots.cast(ballot, house.members[k // 4], "yes" if k % 4 < 2 else "no")
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            taken = list(pool.map(cast, range(4 * len(house.members))))
    assert sum(taken) == len(house.members)
    assert house.congress.ballots.close(ballot) == len(house.members)
    house.congress.ballots.count(ballot)
    house.congress.ballots.certify(ballot, "officer")
    assert verify(house.path) == []
