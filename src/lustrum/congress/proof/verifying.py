"""`verify`: what the ledger proves of itself, then what the domain proves on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lustrum.congress.fold import fold
from lustrum.congress.ledger import Anchor, Ledger, Problem, verify_chain
from lustrum.congress.plans import adopted_version
from lustrum.congress.proof.rebuild import rebuild
from lustrum.errors import LustrumError


def verify(
    path: str | Path,
    anchor: str | Anchor | None = None,
    public_key: str | None = None,
    plans: str | Path | None = None,
) -> list[Problem]:
    """Verify a congress without trusting who kept it; return everything that is wrong, none if all holds.

    Parameters
    ----------
    anchor
        `height:hash` as a session's closing published it. Without one, a cut tail and a ledger rewritten by
        the holder of its key cannot be told.
    public_key
        Whose signatures are to count, if known from elsewhere.
    plans
        The folder in which the adopted plans are kept: each must prove itself and bear the seals in the ledger.

    Raises
    ------
    LedgerError
        If the file is no ledger, or the anchor none. A ledger that is wrong is no error: see what is returned.
    """
    known = Anchor.parse(anchor) if isinstance(anchor, str) else anchor
    found = verify_chain(path, anchor=known, public_key=public_key, rebuild=rebuild)
    return found if found or plans is None else list(_plans(path, Path(plans)))


def _plans(path: str | Path, plans: Path) -> Iterator[Problem]:
    from lustrum.congress.plans import check_adopted

    with Ledger.open(path) as ledger:
        state = fold(ledger.events()).state
    for adopted in state.plans:
        try:
            check_adopted(adopted, plans / adopted.plan_id, adopted_version(state, adopted.motion).version)
        except LustrumError as e:
            yield Problem(adopted.height, f"plan {adopted.plan_id}: {e}")
