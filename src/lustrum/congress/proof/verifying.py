"""`verify`: what the ledger proves of itself, then what the domain proves on top of it."""

from __future__ import annotations

from pathlib import Path

from lustrum.congress.ledger import Anchor, Problem, verify_chain
from lustrum.congress.proof.rebuild import rebuild


def verify(path: str | Path, anchor: str | Anchor | None = None, public_key: str | None = None) -> list[Problem]:
    """Verify a congress without trusting who kept it; return everything that is wrong, none if all holds.

    Parameters
    ----------
    anchor
        `height:hash` as a session's closing published it. Without one, a cut tail and a ledger rewritten by
        the holder of its key cannot be told.
    public_key
        Whose signatures are to count, if known from elsewhere.

    Raises
    ------
    LedgerError
        If the file is no ledger, or the anchor none. A ledger that is wrong is no error: see what is returned.
    """
    known = Anchor.parse(anchor) if isinstance(anchor, str) else anchor
    return verify_chain(path, anchor=known, public_key=public_key, rebuild=rebuild)
