"""Recorded lots: anyone can draw them again from the published seed, and without one a tie is reported."""

from __future__ import annotations

from hashlib import sha256

import pytest
from tests.congress.voting.short import ballots

from lustrum.congress.voting import count
from lustrum.errors import BadInput

_SEED = "Sum of the noon readings of the harbour gauge, 3 May"


def test_a_lot_is_the_smallest_digest_of_four_lines() -> None:
    counted = count("plurality", ballots("abc", "2 a; 2 b; 1 c"), seed=_SEED)
    (lot,) = counted.lots
    digests = {o: sha256(f"lustrum-lot/1\n{_SEED}\n1\n{o}".encode()).hexdigest() for o in "ab"}
    assert dict(lot.digests) == digests
    assert lot.drawn == counted.elected == (min(digests, key=digests.__getitem__),)
    assert counted.document()["lots"][0] == {
        "number": 1,
        "purpose": "election",
        "procedure": "lustrum-lot/1",
        "seed": _SEED,
        "digests": [{"option": o, "sha256": digests[o]} for o in sorted("ab", key=digests.__getitem__)],
        "drawn": list(lot.drawn),
    }
    assert f"lot 1 draws {lot.drawn[0]}" in counted.stages[0].notes[0]


def test_a_known_lot_stays_what_it_is() -> None:
    """These digests are what `printf 'lustrum-lot/1\\nseed\\n1\\nAsh' | sha256sum` prints."""
    assert sha256(b"lustrum-lot/1\nseed\n1\nAsh").hexdigest() == _KNOWN["Ash"]
    counted = count("plurality", ballots("ab", "1 a; 1 b"), seed="seed")
    assert dict(counted.lots[0].digests) == {k: v for k, v in _KNOWN.items() if k != "Ash"}


_KNOWN = {
    "Ash": "a3d289b800f44bd16fa5ad876fd48ff9a89eeeb90db3fe358bde3e433c663117",
    "a": "13da84735bb63f3138e4a1f02a52e969e5ca37b5fb5a352b65e32fff99c65e25",
    "b": "7418ec6880ea05822c327df63b9ce55208a925672bc9a935d6e1b5407e3a9952",
}


def test_lots_are_fair_over_seeds() -> None:
    papers = ballots("abc", "1 a; 1 b; 1 c")
    won = [count("plurality", papers, seed=f"seed {k}").elected[0] for k in range(600)]
    assert all(160 < won.count(option) < 240 for option in "abc")


def test_no_seed_no_lot() -> None:
    counted = count("plurality", ballots("ab", "1 a; 1 b"))
    assert counted.lots == () and counted.elected == ()
    assert counted.reballot == ("a", "b")


def test_no_lot_where_nothing_is_tied() -> None:
    for method in ("plurality", "irv", "scottish-stv", "meek-stv", "schulze", "dhondt"):
        counted = count(method, ballots("ab", "2 a; 1 b"), seed=_SEED)
        assert counted.lots == ()
        assert counted.elected == ("a",)


def test_the_last_two_of_a_run_off_are_a_tie_for_the_seat() -> None:
    counted = count("irv", ballots("abc", "4 a; 3 b; 1 cb"))
    assert [(tie.options, tie.places, tie.purpose) for tie in counted.ties] == []
    assert counted.elected == ("a",)  # level at the last stage, ahead at the first
    level = count("irv", ballots("ab", "4 a; 4 b"))
    assert [(tie.options, tie.places, tie.purpose) for tie in level.ties] == [(("a", "b"), 1, "election")]
    assert level.reballot == ("a", "b")


@pytest.mark.parametrize("seed", ["", "  ", "two\nlines"])
def test_a_seed_is_one_line(seed: str) -> None:
    with pytest.raises(BadInput, match="no single line"):
        count("plurality", ballots("ab", "1 a"), seed=seed)
