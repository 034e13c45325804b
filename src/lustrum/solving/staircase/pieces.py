"""Pieces: the small blocks outside the core, stacked by shape and eliminated together.

Without the core's variables and the linking rows, the program falls into connected components, the *pieces*. Those
with at most one row are a diagonal plus a rank-one matrix (`RankOneBlocks`). The others are stacked by shape
(`PieceStack`) and eliminated by orthogonal factors, all pieces of one shape and of all plans in one call.

The piece is the last axis of every array: a product of small matrices is then a few products along thousands of
pieces, which is several times as fast as multiplying one small matrix after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

#: Pieces with more variables than this are too large for stacks of small dense matrices.
LARGEST = 160
#: Sizes to which pieces are padded, so that few shapes are left.
SIZES = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 240, 320, 480, 640])


class UnsuitableStructure(Exception):
    """The program lacks the structure that this solver relies on; another solver has to take it."""


#: What ends an attempt of this solver without a result (SuperLU raises RuntimeError).
FAILURES = (UnsuitableStructure, ArithmeticError, np.linalg.LinAlgError, RuntimeError)


@dataclass(frozen=True, eq=False)
class PieceStack:
    """Pieces of one shape.

    Attributes
    ----------
    variables, rows, functionals, links
        Indices, size × count, of each piece's variables and rows, of the functionals that it meets and of its linking
        rows. Padding points at a dummy one past the end.
    b, f, n
        Coefficients: rows × variables, rows × functionals, linking rows × variables; each × count.
    """

    variables: np.ndarray
    rows: np.ndarray
    functionals: np.ndarray
    links: np.ndarray
    b: np.ndarray
    f: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, eq=False)
class RankOneBlocks:
    """Pieces of any size with one row or none: each is diagonal plus one outer product.

    Attributes
    ----------
    variables, piece, b
        Each variable, the number of its piece, and its coefficient in the piece's row.
    rows
        The row of each piece (a dummy one past the end if it has none).
    functional, weight
        Coefficients of the rows on functionals: (piece, functional) × entries, and values.
    link
        Linking rows on `variables`.
    """

    variables: np.ndarray
    piece: np.ndarray
    rows: np.ndarray
    b: np.ndarray
    functional: np.ndarray
    weight: np.ndarray
    link: sparse.csr_matrix


def rank_one_blocks(
    g: sparse.csr_matrix,
    functional: sparse.csr_matrix,
    link: sparse.csr_matrix,
    column_of: np.ndarray,
    row_of: np.ndarray,
    chosen: np.ndarray,
    local: np.ndarray,
) -> RankOneBlocks:
    """The chosen pieces, which have at most one row each."""
    variables = np.flatnonzero(_belongs(column_of, chosen))
    number = np.full(chosen.size, -1)
    number[np.flatnonzero(chosen)] = np.arange(chosen.sum())
    rows = np.full(int(chosen.sum()), g.shape[0])
    own = np.flatnonzero(local & _belongs(row_of, chosen))
    rows[number[row_of[own]]] = own
    piece = number[column_of[variables]]
    b = np.zeros(variables.size)
    sub = g[own][:, variables].tocoo()
    b[sub.col] = sub.data
    f = functional[own].tocoo()
    weight = sparse.csr_matrix((f.data, (number[row_of[own]][f.row], f.col)), shape=(rows.size, functional.shape[1]))
    w = weight.tocoo()
    return RankOneBlocks(variables, piece, rows, b, np.vstack([w.row, w.col]), w.data, link[:, variables].tocsr())


def stack_pieces(
    g: sparse.csr_matrix,
    functional: sparse.csr_matrix,
    link: sparse.csr_matrix,
    column_of: np.ndarray,
    row_of: np.ndarray,
    chosen: np.ndarray,
) -> tuple[PieceStack, ...]:
    """Stack the chosen pieces by shape.

    Raises
    ------
    UnsuitableStructure
        If a piece is too large.
    """
    m, n = g.shape
    count = chosen.size
    var_at, var_piece = _ordered(column_of, chosen)
    row_at, row_piece = _ordered(row_of, chosen)
    f = functional[row_at].tocoo()
    f_piece, f_id, f_back = _distinct(row_piece[f.row], f.col, functional.shape[1])
    lk = link.tocsc()[:, var_at].tocoo()
    q_piece, q_id, q_back = _distinct(var_piece[lk.col], lk.row, max(link.shape[0], 1))
    owners = (var_piece, row_piece, f_piece, q_piece)
    slots = [_slots(p, count) for p in owners]
    sizes = [np.bincount(p, minlength=count) for p in owners]
    if var_at.size and sizes[0].max() > LARGEST:
        raise UnsuitableStructure(f"a piece of {sizes[0].max()} variables hangs together outside the core")
    if max(s.max(initial=0) for s in sizes) > SIZES[-1]:
        raise UnsuitableStructure("a piece has too many rows")
    shape = np.stack([SIZES[np.searchsorted(SIZES, s)] for s in sizes], axis=1)
    alive = np.flatnonzero(chosen)
    out = []
    b = g[row_at][:, var_at].tocoo()
    ids, dummies = (var_at, row_at, f_id, q_id), (n, m, functional.shape[1], link.shape[0])
    for key in np.unique(shape[alive], axis=0):
        which = alive[(shape[alive] == key).all(axis=1)]
        at = np.full(count, -1)
        at[which] = np.arange(which.size)
        s, r, nf, nq = widths = [int(k) for k in key]
        arrays = []
        for own, piece, slot, width, dummy in zip(ids, owners, slots, widths, dummies, strict=True):
            padded = np.full((which.size, width), dummy)
            mine = at[piece] >= 0
            padded[at[piece[mine]], slot[mine]] = own[mine]
            arrays.append(padded)
        bb, ff, nn = np.zeros((which.size, r, s)), np.zeros((which.size, r, nf)), np.zeros((which.size, nq, s))
        use = at[row_piece[b.row]] >= 0
        bb[at[row_piece[b.row[use]]], slots[1][b.row[use]], slots[0][b.col[use]]] = b.data[use]
        use = at[row_piece[f.row]] >= 0
        ff[at[row_piece[f.row[use]]], slots[1][f.row[use]], slots[2][f_back[use]]] = f.data[use]
        use = at[var_piece[lk.col]] >= 0
        nn[at[var_piece[lk.col[use]]], slots[3][q_back[use]], slots[0][lk.col[use]]] = lk.data[use]
        out.append(PieceStack(*(np.ascontiguousarray(np.moveaxis(a, 0, -1)) for a in (*arrays, bb, ff, nn))))
    return tuple(out)


def _belongs(piece: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Whether each belongs to a chosen piece; -1 belongs to none, and there may be no pieces at all."""
    return np.append(chosen, False)[piece]


def _ordered(piece: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Members of chosen pieces, in order of their piece, and the piece of each."""
    at = np.flatnonzero(_belongs(piece, chosen))
    at = at[np.argsort(piece[at], kind="stable")]
    return at, piece[at]


def _distinct(piece: np.ndarray, what: np.ndarray, base: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct pairs (piece, what) in order, and the number of each given pair among them."""
    code, back = np.unique(piece.astype(np.int64) * base + what, return_inverse=True)
    return code // base, code % base, back


def _slots(piece: np.ndarray, count: int) -> np.ndarray:
    """Position of each member within its piece (members are in order of their piece)."""
    start = np.concatenate([[0], np.cumsum(np.bincount(piece, minlength=count))])
    return np.arange(piece.size) - start[piece]


@dataclass(eq=False)
class EliminatedPieces:
    """A stack after elimination, with [√W B; √E] = Q R.

    `sqrt_w` is √W, `q` the upper part of Q, `r_inverse` R⁻¹, `response` V = R⁻¹ Qᵀ [√W F; 0], `projected` the upper
    part of Z = (I − Q Qᵀ) [√W F; 0], and `schur` ZᵀZ, which the piece adds to the functionals.
    """

    sqrt_w: np.ndarray
    q: np.ndarray
    r_inverse: np.ndarray
    response: np.ndarray
    projected: np.ndarray
    schur: np.ndarray


def eliminate(piece: PieceStack, e: np.ndarray, w: np.ndarray) -> EliminatedPieces:
    """Eliminate pieces by orthogonal factors: BᵀWB would lose small weights, which may be 20 orders of magnitude below.

    e: plans × variables × pieces, w: plans × rows × pieces.
    """
    rows, size = piece.b.shape[:2]
    sqrt_w = np.sqrt(w)
    m = np.zeros((e.shape[0], rows + size, size, e.shape[2]))
    m[:, :rows] = sqrt_w[:, :, None] * piece.b
    at = np.arange(size)
    m[:, rows + at, at] = np.sqrt(e)
    scale = 1 / np.sqrt(np.einsum("prsk,prsk->psk", m, m))
    m *= scale[:, None]
    q, r = gram_schmidt(m)
    r_inverse = scale[:, :, None] * _inverse(r)
    upper = np.ascontiguousarray(q[:, :rows])
    z = np.zeros((*q.shape[:2], piece.f.shape[1], q.shape[3]))
    z[:, :rows] = sqrt_w[:, :, None] * piece.f
    first = np.einsum("prsk,prfk->psfk", q, z)
    response = np.einsum("pstk,ptfk->psfk", r_inverse, first)
    z -= np.einsum("prsk,psfk->prfk", q, first)
    z -= np.einsum("prsk,psfk->prfk", q, np.einsum("prsk,prfk->psfk", q, z))
    schur = np.einsum("prfk,prgk->pfgk", z, z)
    return EliminatedPieces(sqrt_w, upper, r_inverse, response, np.ascontiguousarray(z[:, :rows]), schur)


def gram_schmidt(m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors Q R by Gram-Schmidt, each column orthogonalised twice.

    Unlike reflections, it never mixes rows of small weight with rows of large weight, and the second pass removes the
    rounding left in the latter: entries are accurate row by row, however far the weights are apart.

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
