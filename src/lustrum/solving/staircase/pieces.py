"""Stacked pieces eliminated by orthogonal factors: numpy works on all pieces of one shape, of all plans, at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.solving.staircase.structure import Pieces


@dataclass(eq=False)
class Eliminated:
    """A stack of pieces: M = [√W B; √E] = Q R, with U = R⁻¹ and Q's upper part; V; rest = √W(F − BV)."""

    root: np.ndarray
    q: np.ndarray
    u: np.ndarray
    v: np.ndarray
    rest: np.ndarray
    share: np.ndarray


def eliminate(piece: Pieces, e: np.ndarray, w: np.ndarray) -> Eliminated:
    """Orthogonal elimination: weights may span 20 orders of magnitude, and BᵀWB would forget the small ones.

    e: plans × pieces × variables, w: plans × pieces × rows.
    """
    rows = piece.rows.shape[1]
    root = np.sqrt(w)
    m = np.concatenate([root[..., None] * piece.b, np.sqrt(e)[..., None] * np.eye(e.shape[-1])], axis=-2)
    scale = 1 / np.sqrt(np.einsum("...rs,...rs->...s", m, m))
    m *= scale[..., None, :]
    # heavy rows first: then the factors are accurate row by row
    order = np.argsort(-np.abs(m).max(axis=-1), axis=-1)[..., None]
    q_sorted, r = np.linalg.qr(np.take_along_axis(m, order, axis=-2))
    q = np.empty_like(q_sorted)
    np.put_along_axis(q, np.broadcast_to(order, q.shape), q_sorted, axis=-2)
    u = scale[..., None] * np.linalg.inv(r)
    upper = q[..., :rows, :]
    z = np.zeros((*q.shape[:-1], piece.f.shape[2]))
    z[..., :rows, :] = root[..., None] * piece.f
    qt = np.swapaxes(q, -1, -2)
    first = qt @ z
    v = u @ first
    z -= q @ first
    z -= q @ (qt @ z)
    return Eliminated(root, upper, u, v, z[..., :rows, :], np.swapaxes(z, -1, -2) @ z)


def apply(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """A x, piece by piece."""
    return np.asarray((a @ x[..., None])[..., 0])


def apply_t(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Aᵀ x, piece by piece."""
    return np.asarray((x[..., None, :] @ a)[..., 0, :])
