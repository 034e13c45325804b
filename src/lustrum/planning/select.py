"""Codes named in a plan file to positions on the accounts' labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip


def positions(economy: Economy, dim: str, codes: Sequence[str], where: str) -> np.ndarray:
    """Return the positions of `codes` on set `dim`; `all` stands for every one. `where` is the entry that names them.

    Raises
    ------
    SpecError
        If a code is not in the accounts, with the nearest spelling; or the set is empty.
    """
    known = economy.codes(dim)
    place = f"{where}.{dim}"
    if list(codes) == ["all"]:
        return np.arange(len(known))
    if not known:
        raise SpecError(
            f"the accounts have no {dim}",
            where=place,
            found=clip(list(codes)),
            mend=f"leave it out, or add the {dim} labels to the accounts",
        )
    out = []
    for code in codes:
        if code == "all" and code not in known:
            raise SpecError(
                f"`all` stands beside other {dim} codes",
                where=place,
                found=clip(list(codes)),
                mend="write `all` alone, or leave it out",
            )
        if code not in known:
            expected, mend = unknown_label(code, known, dim)
            raise SpecError(f"unknown {dim} {clip(code)}", where=place, found=clip(code), expected=expected, mend=mend)
        out.append(known.index(code))
    return np.array(out, dtype=int)
