"""Sealed papers: what is cast in secret nobody reads before the close, and then only sorted.

Each secret ballot has a key of its own (X25519). Its public half stands in the opening event, its private half in a
file beside the database, so in no backup of it. A paper is filled up to the ballot's size and sealed; at the close all
are opened and sorted, and the private half is destroyed. What copies of the database from before the close hold is then
unreadable for good: they show that a voter voted, and never what.
"""

from __future__ import annotations

import glob
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lustrum.congress.canonical import canonical
from lustrum.congress.ledger.event import BOX_FORMAT
from lustrum.congress.ledger.keys import read_private, write_private
from lustrum.errors import BadInput, LedgerError
from lustrum.workspace.aside import flush, plain_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

PREFIX = "x25519:"
NAME = "the urn's key"


def new_key(path: Path) -> str:
    """Write a new private key to `path`; return its public half, `x25519:<hex>`."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    write_private(path, private.private_bytes_raw().hex().encode() + b"\n", NAME)
    return PREFIX + private.public_key().public_bytes_raw().hex()


def load_key(path: Path, public: str) -> X25519PrivateKey:
    """Read the private key of an urn and see that it belongs to the public half."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    text = read_private(path, NAME)
    try:
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(text.decode("ascii").strip()))
    except ValueError:
        raise LedgerError(
            "this file holds no key of an urn",
            where=str(path),
            expected="64 hexadecimal digits",
            mend="restore it from a copy",
        ) from None
    if PREFIX + private.public_key().public_bytes_raw().hex() != public:
        raise LedgerError("this is the key of another urn", where=str(path), expected=f"the private half of {public}")
    return private


def destroy_key(path: Path) -> None:
    """Overwrite a private key and remove its file."""
    with plain_errors("destroying the urn's key", path), suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(b"\0" * os.fstat(file.fileno()).st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        flush(path.parent)


def key_path(database: Path, ledger: str, ballot: str) -> Path:
    """Return where the private key of a ballot's urn lies: beside the database."""
    name = hashlib.sha256(canonical([ledger, ballot])).hexdigest()[:24]
    return database.with_name(f"{database.name}-urn-{name}.key")


def urn_keys(database: Path) -> set[Path]:
    """Return the keys of urns that lie beside a database."""
    return set(database.parent.glob(f"{glob.escape(database.name)}-urn-*.key"))


def seal(public: str, ledger: str, ballot: str, paper: bytes, size: int) -> bytes:
    """Seal a paper so that only the holder of the private key opens it.

    A fresh X25519 key is agreed with the urn's; HKDF-SHA256 makes of the secret, with both public keys as salt, the
    key of ChaCha20-Poly1305, whose nonce is zero, as the key is used once. The box is the fresh public key and the
    ciphertext.

    Parameters
    ----------
    paper
        Canonical JSON; spaces fill it up to `size` bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    if len(paper) > size:
        raise BadInput(
            "the paper is larger than this ballot's papers can be",
            found=f"{len(paper)} bytes",
            expected=f"at most {size} bytes",
            mend="open the ballot with a larger paper_bytes; all papers are made that size",
        )
    urn = bytes.fromhex(public.removeprefix(PREFIX))
    fresh = X25519PrivateKey.generate()
    mine = fresh.public_key().public_bytes_raw()
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(urn))
    return mine + _cipher(shared, mine + urn).encrypt(bytes(12), paper.ljust(size), _bound(ledger, ballot))


def unseal(private: X25519PrivateKey, ledger: str, ballot: str, box: bytes) -> bytes:
    """Open a box.

    Raises
    ------
    ValueError
        If it was not sealed to this key for this ballot, or was changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    mine, text = box[:32], box[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(mine))
    try:
        plain = _cipher(shared, mine + private.public_key().public_bytes_raw()).decrypt(
            bytes(12), text, _bound(ledger, ballot)
        )
    except InvalidTag:
        raise ValueError("a box that was not sealed to this urn, or was changed") from None
    return plain.rstrip(b" ")


def _cipher(shared: bytes, salt: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt, BOX_FORMAT.encode()).derive(shared))


def _bound(ledger: str, ballot: str) -> bytes:
    return canonical({"ballot": ballot, "format": BOX_FORMAT, "ledger": ledger})
