"""Threads are used while they do not wait for each other, and the libraries are left as they were."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import lapack

from lustrum.solving.staircase import kernels as module
from lustrum.solving.staircase.kernels import EVERY, Team, threads


def pools() -> list[int]:
    return [c.num_threads for c in module._pools().lib_controllers]


def timed(monkeypatch: pytest.MonkeyPatch, free: list[int]) -> list[int]:
    """Let a factor take a second where threads wait, and tell who was asked: up to `free[0]` threads do not."""
    asked: list[int] = []

    def time(self: Team, count: int, most: float) -> float:
        asked.append(count)
        return 1.0 if count > free[0] else 0.001

    monkeypatch.setattr(Team, "_timed", time)
    return asked


@pytest.mark.parametrize(("most", "free", "now"), [(8, 8, 8), (8, 7, 7), (8, 5, 4), (8, 1, 1), (2, 1, 1), (2, 2, 2)])
def test_as_many_as_do_not_wait(most: int, free: int, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, [free])
    with threads(most) as team:
        team.adjust()
        assert team.now == now


def test_looks_again_and_less_often_where_threads_had_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    free = [1]
    asked = timed(monkeypatch, free)
    with threads(2) as team:
        looks = []
        for k in range(8 * EVERY):
            before = len(asked)
            team.adjust()
            if len(asked) > before:
                looks.append(k)
        assert looks == [0, 2 * EVERY, 6 * EVERY]
        assert team.now == 1
        free[0] = 2
        for _ in range(16 * EVERY):
            team.adjust()
        assert team.now == 2


def test_one_thread_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = timed(monkeypatch, [1])
    with threads(1) as team:
        team.adjust()
        assert not asked
        assert team.now == 1


def test_the_libraries_are_left_as_they_were() -> None:
    before = pools()
    with pytest.raises(ValueError, match="stop"), threads(2) as team:
        team.adjust()
        assert 1 <= team.now <= 2
        a = np.eye(3)
        assert lapack.dpotrf(a, lower=1)[1] == 0
        raise ValueError("stop")
    assert pools() == before
