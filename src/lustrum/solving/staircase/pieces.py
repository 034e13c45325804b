"""Stacked pieces eliminated by orthogonal factors: numpy works on all pieces of one shape, of all plans, at once.

Pieces come last in every array: a product runs over a few rows and columns, and along thousands of pieces. That is
several times as quick as to multiply one small matrix after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lustrum.solving.staircase.stacks import Pieces


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

    e: plans × variables × pieces, w: plans × rows × pieces.
    """
    rows, size = piece.b.shape[:2]
    root = np.sqrt(w)
    m = np.zeros((e.shape[0], rows + size, size, e.shape[2]))
    m[:, :rows] = root[:, :, None] * piece.b
    at = np.arange(size)
    m[:, rows + at, at] = np.sqrt(e)
    scale = 1 / np.sqrt(np.einsum("prsk,prsk->psk", m, m))
    m *= scale[:, None]
    q, r = orthogonal(m)
    u = scale[:, :, None] * _inverse(r)
    upper = np.ascontiguousarray(q[:, :rows])
    z = np.zeros((*q.shape[:2], piece.f.shape[1], q.shape[3]))
    z[:, :rows] = root[:, :, None] * piece.f
    first = np.einsum("prsk,prfk->psfk", q, z)
    v = np.einsum("pstk,ptfk->psfk", u, first)
    z -= np.einsum("prsk,psfk->prfk", q, first)
    z -= np.einsum("prsk,psfk->prfk", q, np.einsum("prsk,prfk->psfk", q, z))
    return Eliminated(root, upper, u, v, np.ascontiguousarray(z[:, :rows]), np.einsum("prfk,prgk->pfgk", z, z))


def orthogonal(m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors Q R by Gram-Schmidt, each column twice.

    Light rows are never mixed with heavy ones, as reflections would, and what rounding leaves in heavy ones goes the
    second time: figures are right row by row, however far weights are apart.

    m: plans × rows × columns × pieces.
    """
    q = m.copy()
    r = np.zeros((m.shape[0], m.shape[2], *m.shape[2:]))
    for j in range(m.shape[2]):
        own = q[:, :, j]
        for _ in range(2 if j else 0):
            part = np.einsum("prsk,prk->psk", q[:, :, :j], own)
            own -= np.einsum("prsk,psk->prk", q[:, :, :j], part)
            r[:, :j, j] += part
        r[:, j, j] = np.sqrt(np.einsum("prk,prk->pk", own, own))
        own /= r[:, None, j, j]
    return q, r


def _inverse(r: np.ndarray) -> np.ndarray:
    """Inverses of upper triangles."""
    u = np.zeros_like(r)
    for j in range(r.shape[1]):
        u[:, j, j] = 1 / r[:, j, j]
        if j:
            u[:, :j, j] = -np.einsum("pstk,ptk->psk", u[:, :j, :j], r[:, :j, j]) * u[:, None, j, j]
    return u


def apply(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """A x, of each piece."""
    return np.einsum("prsk,psk->prk", a, x)


def apply_t(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Aᵀ x, of each piece."""
    return np.einsum("prsk,prk->psk", a, x)
