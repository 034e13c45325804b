"""In which order the blocks of the core are eliminated: the cheapest found among many, from sizes and ties alone.

A *node* is a block of core variables with dense figures within; a *tie* between two is absent, sparse or dense. What is
eliminated ties all its neighbours to each other, densely. With sparse ties the inverse of a block says all of this
without one product of full size. Some nodes may go together: with nothing but sparse ties, the inverse of the first
grows by the second, and what they mean for the others is still two sparse products. Those that are left to the end
are factorised as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

NONE, SPARSE, DENSE = 0, 1, 2
#: Figures between two nodes for each row of the smaller, at most; more, and the tie counts as dense.
FEW = 8
#: What a group and a tie take beyond their operations, in operations: calls, and solves that go through them.
GROUP, TIE = 2e7, 3e6
#: Orders followed at once; nodes tried next in each, from the first years, the last years and the cheapest.
BEAM, FIRST, LAST, CHEAP = 8, 4, 2, 1
#: How much what the nodes that are left would take now counts when orders are compared.
AHEAD = 0.3


@dataclass(frozen=True)
class Plan:
    """Groups of nodes in the order they are eliminated, the last as one, and the operations that takes."""

    groups: tuple[tuple[int, ...], ...]
    cost: float


@dataclass(frozen=True, eq=False)
class _State:
    gone: tuple[tuple[int, ...], ...]  # groups
    left: tuple[int, ...]
    ties: np.ndarray  # without what the last group means for others
    cost: float
    after: np.ndarray  # with it


def kinds_of_ties(figures: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Whether each two nodes are tied by no, few or many figures, from how many there are."""
    many = figures > FEW * np.minimum.outer(sizes, sizes)
    return np.where(figures == 0, NONE, np.where(many, DENSE, SPARSE)).astype(np.int8)


def filled(ties: np.ndarray, group: tuple[int, ...]) -> np.ndarray:
    """Ties after a group of nodes is eliminated."""
    out = ties.copy()
    here = list(group)
    near = np.asarray(ties[here].any(axis=0))
    near[here] = False
    at = np.flatnonzero(near)
    out[at[:, None], at] = DENSE
    out[at, at] = out[here] = out[:, here] = NONE
    return out


def eliminating(sizes: np.ndarray, ties: np.ndarray) -> np.ndarray:
    """Operations to eliminate each node alone."""
    a = sizes.astype(float)
    wide = (ties == DENSE) @ a
    return np.asarray(a**3 + a * wide * (2 * a + wide) + GROUP + TIE * np.count_nonzero(ties, axis=1))


def growing(sizes: np.ndarray, group: tuple[int, ...], v: int) -> float:
    """Operations by which the inverse of a group grows to have another node."""
    a, g = float(sizes[v]), float(sizes[list(group)].sum())
    return a**3 + 2 * a * a * g + a * g * g + 3 * TIE


def at_once(sizes: np.ndarray, left: tuple[int, ...], links: int) -> float:
    """Operations of one Cholesky factor of what is left, bordered by the linking rows."""
    n = float(sizes[list(left)].sum())
    return n**3 / 3 + n * n * links + n * links**2 + links**3 / 3 + GROUP


def plan(sizes: np.ndarray, ties: np.ndarray, links: int = 0, beam: int = BEAM) -> Plan:
    """The cheapest order found; `ties` symmetric, `links` the linking rows, which come last and are tied to all.

    `beam`: orders followed at once.
    """
    key = (tuple(int(s) for s in sizes), tuple(map(tuple, np.asarray(ties, dtype=int).tolist())), int(links))
    return _plan(*key, beam)


def forget() -> None:
    """Find every order anew."""
    _plan.cache_clear()


@lru_cache(maxsize=64)
def _plan(sizes_: tuple[int, ...], ties_: tuple[tuple[int, ...], ...], links: int, width: int) -> Plan:
    sizes, ties = np.array(sizes_, dtype=np.int64), np.array(ties_, dtype=np.int8).reshape(len(sizes_), len(sizes_))
    np.fill_diagonal(ties, NONE)
    every = tuple(range(sizes.size))
    beam = [_State((), every, ties, 0.0, ties)]
    best = Plan((every,), at_once(sizes, every, links))
    for _ in range(sizes.size - 1):
        found: dict[tuple[frozenset[int], tuple[int, ...]], tuple[float, _State]] = {}
        for state in beam:
            for new in _next(sizes, state, links):
                end = new.cost + at_once(sizes, new.left, links)
                if end < best.cost:
                    best = Plan((*new.gone, new.left), end)
                key = (frozenset(new.left), new.gone[-1])
                ahead = float(eliminating(sizes, new.after)[list(new.left)].sum())
                if key not in found or new.cost + AHEAD * ahead < found[key][0]:
                    found[key] = (new.cost + AHEAD * ahead, new)
        beam = [state for _, state in sorted(found.values(), key=lambda x: x[0])[:width]]
        if not beam or min(state.cost for state in beam) >= best.cost:
            break
    return best


def _next(sizes: np.ndarray, state: _State, links: int) -> list[_State]:
    """What may follow: another node alone, or with the last group."""
    out = []
    ties = state.after
    each = eliminating(sizes, ties)
    cheap = sorted(state.left, key=lambda v: float(each[v]))[:CHEAP]
    for v in sorted({*state.left[:FIRST], *state.left[-LAST:], *cheap}):
        a = float(sizes[v])
        spent = state.cost + float(each[v]) + a * links * min(a, links)
        left = tuple(u for u in state.left if u != v)
        out.append(_State((*state.gone, (v,)), left, ties, spent, filled(ties, (v,))))
    if state.gone and not (state.ties[list(state.gone[-1])] == DENSE).any():
        group = state.gone[-1]
        for v in state.left:
            if not (state.ties[v] == DENSE).any() and state.ties[v, list(group)].any():
                spent = state.cost + growing(sizes, group, v)
                left = tuple(u for u in state.left if u != v)
                gone = (*state.gone[:-1], (*group, v))
                out.append(_State(gone, left, state.ties, spent, filled(state.ties, gone[-1])))
    return out
