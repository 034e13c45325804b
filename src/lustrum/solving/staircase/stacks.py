"""Variables and rows outside the core, stacked by shape: pieces that hang together, and stars with one row or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

#: Pieces larger than this are beyond what small dense inverses are good for.
LARGEST = 160
SIZES = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 240, 320, 480, 640])


class Unfit(Exception):
    """The problem does not have the structure this solver lives on; another one has to take it."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Stacked pieces of one shape: (variables s, rows r, functionals f, linking rows q) × count; B, F and N likewise.

    Places beyond a piece's own size point at a dummy: variable n, row m, functional `ends`, linking row `links`.
    """

    variables: np.ndarray
    rows: np.ndarray
    functionals: np.ndarray
    links: np.ndarray
    b: np.ndarray
    f: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, eq=False)
class Stars:
    """Pieces with one row or none: diagonal plus one outer product, of any size."""

    variables: np.ndarray
    piece: np.ndarray
    rows: np.ndarray
    b: np.ndarray
    functional: np.ndarray
    weight: np.ndarray
    link: sparse.csr_matrix


def stars_of(
    g: sparse.csr_matrix,
    functional: sparse.csr_matrix,
    link: sparse.csr_matrix,
    column_of: np.ndarray,
    row_of: np.ndarray,
    star: np.ndarray,
    local: np.ndarray,
) -> Stars:
    """Pieces with at most one row."""
    variables = np.flatnonzero(_belongs(column_of, star))
    number = np.full(star.size, -1)
    number[np.flatnonzero(star)] = np.arange(star.sum())
    rows = np.full(int(star.sum()), g.shape[0])
    own = np.flatnonzero(local & _belongs(row_of, star))
    rows[number[row_of[own]]] = own
    piece = number[column_of[variables]]
    b = np.zeros(variables.size)
    sub = g[own][:, variables].tocoo()
    b[sub.col] = sub.data
    # functionals of the rows, as entries (piece, functional, coefficient)
    f = functional[own].tocoo()
    weight = sparse.csr_matrix((f.data, (number[row_of[own]][f.row], f.col)), shape=(rows.size, functional.shape[1]))
    w = weight.tocoo()
    return Stars(variables, piece, rows, b, np.vstack([w.row, w.col]), w.data, link[:, variables].tocsr())


def stacks_of(
    g: sparse.csr_matrix,
    functional: sparse.csr_matrix,
    link: sparse.csr_matrix,
    column_of: np.ndarray,
    row_of: np.ndarray,
    real: np.ndarray,
) -> tuple[Pieces, ...]:
    """Stack the other pieces by shape."""
    m, n = g.shape
    count = real.size
    var_at, var_piece = _ordered(column_of, real)
    row_at, row_piece = _ordered(row_of, real)
    in_piece = np.full(m, -1)
    in_piece[row_at] = row_piece
    f = functional[row_at].tocoo()
    f_piece, f_id, f_back = _distinct(row_piece[f.row], f.col, functional.shape[1])
    lk = link.tocsc()[:, var_at].tocoo()
    q_piece, q_id, q_back = _distinct(var_piece[lk.col], lk.row, max(link.shape[0], 1))
    parts = [_places(p, count) for p in (var_piece, row_piece, f_piece, q_piece)]
    sizes = [np.bincount(p, minlength=count) for p in (var_piece, row_piece, f_piece, q_piece)]
    if var_at.size and sizes[0].max() > LARGEST:
        raise Unfit(f"a piece of {sizes[0].max()} variables hangs together outside the core")
    if max(s.max(initial=0) for s in sizes) > SIZES[-1]:
        raise Unfit("a piece has too many rows")
    shape = np.stack([SIZES[np.searchsorted(SIZES, s)] for s in sizes], axis=1)
    alive = np.flatnonzero(real)
    out = []
    b = g[row_at][:, var_at].tocoo()
    for key in np.unique(shape[alive], axis=0):
        which = alive[(shape[alive] == key).all(axis=1)]
        at = np.full(count, -1)
        at[which] = np.arange(which.size)
        s, r, nf, nq = (int(k) for k in key)
        arrays = []
        for ids, piece, place, width, dummy in (
            (var_at, var_piece, parts[0], s, n),
            (row_at, row_piece, parts[1], r, m),
            (f_id, f_piece, parts[2], nf, functional.shape[1]),
            (q_id, q_piece, parts[3], nq, link.shape[0]),
        ):
            filled = np.full((which.size, width), dummy)
            mine = at[piece] >= 0
            filled[at[piece[mine]], place[mine]] = ids[mine]
            arrays.append(filled)
        bb, ff, nn = np.zeros((which.size, r, s)), np.zeros((which.size, r, nf)), np.zeros((which.size, nq, s))
        use = at[row_piece[b.row]] >= 0
        bb[at[row_piece[b.row[use]]], parts[1][b.row[use]], parts[0][b.col[use]]] = b.data[use]
        use = at[row_piece[f.row]] >= 0
        ff[at[row_piece[f.row[use]]], parts[1][f.row[use]], parts[2][f_back[use]]] = f.data[use]
        use = at[var_piece[lk.col]] >= 0
        nn[at[var_piece[lk.col[use]]], parts[3][q_back[use]], parts[0][lk.col[use]]] = lk.data[use]
        out.append(Pieces(*(np.ascontiguousarray(np.moveaxis(a, 0, -1)) for a in (*arrays, bb, ff, nn))))
    return tuple(out)


def _belongs(piece: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Whether each belongs to a piece that is chosen; -1 belongs to none, and there may be no pieces at all."""
    return np.append(chosen, False)[piece]


def _ordered(piece: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Members of real pieces, in order of their piece, and the piece of each."""
    at = np.flatnonzero(_belongs(piece, real))
    at = at[np.argsort(piece[at], kind="stable")]
    return at, piece[at]


def _distinct(piece: np.ndarray, what: np.ndarray, base: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct pairs (piece, what) in order, and where each pair went."""
    code, back = np.unique(piece.astype(np.int64) * base + what, return_inverse=True)
    return code // base, code % base, back


def _places(piece: np.ndarray, count: int) -> np.ndarray:
    """Place of each member within its piece (members are in order of their piece)."""
    start = np.concatenate([[0], np.cumsum(np.bincount(piece, minlength=count))])
    return np.arange(piece.size) - start[piece]
