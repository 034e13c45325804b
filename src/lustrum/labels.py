"""Labelled-array rules: two arrays meet only when their labels are equal, in the same order.

xarray aligns, fills and broadcasts on its own; in accounts that hides errors, so every meeting of two
arrays goes through `same_labels` or `labelled`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from lustrum.errors import BadInput, LabelError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike

E = TypeVar("E", bound=BadInput)


def labelled(
    values: ArrayLike, dims: Sequence[str], labels: Mapping[str, Sequence[object]], name: str = ""
) -> xr.DataArray:
    """Build a read-only array on `dims` with the labels of each.

    Raises
    ------
    LabelError
        If the shape of `values` is not the number of labels along each dimension.
    """
    # here, for those who want words about labels alone: arrays take long to import
    import numpy as np
    import xarray as xr

    # 64-bit floats and booleans only: integers in a table are measurements too
    array = np.asarray(values)
    array = np.array(array, dtype=bool if array.dtype == bool else np.float64)
    expected = tuple(len(labels[d]) for d in dims)
    if array.shape != expected:
        raise LabelError(
            f"array {name!r} does not fit its labels",
            found=f"shape {array.shape}",
            expected=f"shape {expected} for ({', '.join(dims)})",
        )
    array.setflags(write=False)
    return xr.DataArray(array, dims=tuple(dims), coords={d: list(labels[d]) for d in dims}, name=name or None)


def same_labels(left: xr.DataArray, right: xr.DataArray, dim: str) -> None:
    """Require that two arrays carry the same labels in the same order along `dim`.

    Raises
    ------
    LabelError
        Naming both arrays and the first labels that differ.
    """
    a, b = list(left[dim].values), list(right[dim].values)
    if a != b:
        require_equal(a, b, f"{left.name or 'left'}.{dim}", f"{right.name or 'right'}.{dim}")


def require_equal(a: Sequence[object], b: Sequence[object], name_a: str, name_b: str, where: str = "") -> None:
    """Raise LabelError naming both sides unless the two label lists are equal and in the same order."""
    import numpy as np

    # plain values, so that a message says 'corn' and not np.str_('corn')
    a, b = ([x.item() if isinstance(x, np.generic) else x for x in side] for side in (a, b))
    if a == b:
        return
    only_a = [x for x in a if x not in set(b)]
    only_b = [x for x in b if x not in set(a)]
    if only_a or only_b:
        found = f"only in {name_a}: {only_a[:5]}; only in {name_b}: {only_b[:5]}"
        mend = "use the same codes on both sides"
        if only_a and only_b and (near := get_close_matches(str(only_a[0]), [str(x) for x in only_b], n=1)):
            mend += f" (is {only_a[0]!r} meant to be {near[0]!r}?)"
    else:
        first = next(i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
        found = f"position {first + 1}: {a[first]!r} in {name_a}, {b[first]!r} in {name_b}"
        mend = "put the labels in the same order"
    raise LabelError(f"labels of {name_a} and {name_b} differ", where=where, found=found, mend=mend)


def unknown_label(label: object, known: Sequence[object], what: str) -> tuple[str, str]:
    """Words for a label that is not there: what was expected, and the mend with the nearest spelling."""
    near = get_close_matches(str(label), [str(k) for k in known], n=3)
    shown = ", ".join(str(k) for k in list(known)[:8]) + (", …" if len(known) > 8 else "")
    mend = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"use one of the {what} codes"
    return f"one of the {len(known)} {what} codes: {shown}", mend


def unknown(
    error: type[E],
    what: str,
    label: object,
    known: Sequence[object],
    kind: str,
    *,
    where: str = "",
    found: object = None,
) -> E:
    """Return an error for a label that is not there, with what was expected and the nearest spelling."""
    expected, mend = unknown_label(label, known, kind)
    return error(what, where=where, found=found, expected=expected, mend=mend)
