"""Orders of elimination: their cost on known patterns, and the routines that work on parts of arrays."""

from __future__ import annotations

import numpy as np
import pytest

from lustrum.solving.staircase import kernels, layout


def years(count: int, cuts: tuple[int, ...] = ()) -> tuple[np.ndarray, int]:
    """Outputs tied to the year before, and by capital (from the second year on) to each other or to that of a cut."""
    nodes = sorted([(t, 0) for t in range(count)] + [(t, 1) for t in cuts])
    at = {node: k for k, node in enumerate(nodes)}
    ties = np.zeros((len(nodes), len(nodes)), dtype=int)

    def tie(group: list[tuple[int, int]]) -> None:
        index = [at[node] for node in group]
        ties[np.ix_(index, index)] = layout.SPARSE

    for t in range(1, count):
        tie([(t - 1, 0), (t, 0)])
    segment: list[tuple[int, int]] = []
    for t in range(1, count):
        if t in cuts:
            tie([*segment, (t, 1)])
            tie([(t, 0), (t, 1)])
            segment = [(t, 1)]
        else:
            segment.append((t, 0))
    tie(segment)
    np.fill_diagonal(ties, layout.NONE)
    return ties, len(nodes)


def operations(count: int, cuts: tuple[int, ...] = (), n: int = 100_000) -> float:
    ties, nodes = years(count, cuts)
    return layout.find_order(np.full(nodes, n), ties).cost / n**3


@pytest.mark.parametrize(("count", "most"), [(1, 1 / 3), (3, 7 / 3), (5, 26 / 3), (6, 16)])
def test_few_years_take_what_the_page_says(count: int, most: float) -> None:
    assert operations(count) <= most + 1e-3


def test_many_years_with_cuts_take_time_in_proportion() -> None:
    """Far below the 8 n³ a year of the inverse of outputs and capital together."""
    twenty, forty = (operations(count, tuple(range(3, count, 2))) for count in (20, 40))
    assert twenty < 6 * 20
    assert forty < 2.3 * twenty


def test_every_node_is_eliminated_once() -> None:
    ties, nodes = years(12, (3, 6, 9))
    for size in (1, 50, 5000):
        groups = layout.find_order(np.full(nodes, size), ties, links=3).groups
        assert sorted(v for group in groups for v in group) == list(range(nodes))


def test_small_nodes_are_left_to_one_factor() -> None:
    ties, nodes = years(5)
    assert len(layout.find_order(np.full(nodes, 10), ties).groups) == 1
    assert len(layout.find_order(np.full(nodes, 1000), ties).groups) > 1


@pytest.mark.parametrize("n", [1, 7, 64, 65, 200])
def test_an_inverse_in_place_of_a_part(n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.normal(size=(n, n))
    s = a @ a.T + n * np.eye(n)
    room = np.full((n + 5, n + 9), 7.0, order="F")
    part = room[2 : 2 + n, 3 : 3 + n]
    part[...] = np.tril(s)
    assert kernels.cholesky(part)
    kernels.invert_triangle(part)
    kernels.square(part)
    np.testing.assert_allclose(np.tril(part), np.tril(np.linalg.inv(s)), atol=1e-12)
    part[...] = 7.0
    assert (room == 7.0).all()  # nothing else was touched


def test_arrays_by_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="column by column"):
        kernels.cholesky(np.eye(4)[:, ::2].T)
