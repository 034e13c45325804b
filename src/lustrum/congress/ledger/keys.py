"""The key that signs the heads of a ledger (Ed25519): made, kept in a file that only its owner reads, and loaded."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lustrum.congress.canonical import JSON, canonical
from lustrum.errors import LedgerError
from lustrum.workspace.aside import disk_error, flush

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "ed25519:"


class SigningKey:
    """A private key of Ed25519.

    Parameters
    ----------
    private
        The key as `cryptography` has it; `generate` and `load` make one.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PREFIX + private.public_key().public_bytes_raw().hex()

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: str | Path) -> SigningKey:
        """Read a key that `save` wrote, or any unencrypted PKCS #8 file (PEM) of an Ed25519 key.

        Raises
        ------
        LedgerError
            If the file is missing, may be read by others than its owner, or holds no such key.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        text = read_private(Path(path), "the signing key")
        try:
            private = load_pem_private_key(text, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as e:
            raise _no_key(Path(path), str(e).split("\n")[0][:80]) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise _no_key(Path(path), type(private).__name__.strip("_"))
        return cls(private)

    def save(self, path: str | Path) -> None:
        """Write the key to a new file that only its owner may read (mode 0600).

        Raises
        ------
        LedgerError
            If there is a file already: a key is never overwritten. `WorkspaceError` if it cannot be written.
        """
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        text = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(Path(path), text, "the signing key")

    def sign(self, message: JSON) -> str:
        """Return the signature of the canonical bytes of a message as hexadecimal text."""
        return self._private.sign(canonical(message)).hex()


def signed(public: str, message: JSON, signature: str) -> bool:
    """Say whether a signature of a message is by the owner of a public key `ed25519:<hex>`."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public_key(public).verify(bytes.fromhex(signature), canonical(message))
    except (InvalidSignature, ValueError):
        return False
    return True


def check_public(public: object, where: str) -> str:
    """Return a public key as text; the error says what one looks like."""
    try:
        if not isinstance(public, str):
            raise ValueError
        _public_key(public)
    except ValueError:
        raise LedgerError(
            "not a public key", where=where, found=repr(public)[:90], expected=f"{PREFIX} and 64 hexadecimal digits"
        ) from None
    return public


@lru_cache(maxsize=16)
def _public_key(public: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    digits = public.removeprefix(PREFIX)
    if digits == public or len(digits) != 64:
        raise ValueError("no public key")
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))


def write_private(path: Path, content: bytes, name: str) -> None:
    """Write a new file with mode 0600 and have the disk keep it; an existing one is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        flush(path.parent)
    except FileExistsError:
        raise LedgerError(
            f"there is a file already where {name} should be written",
            where=str(path),
            mend="choose another name; a key is never overwritten",
        ) from None
    except OSError as e:
        raise disk_error(e, f"writing {name}", path) from None


def read_private(path: Path, name: str) -> bytes:
    """Read a file that nobody but its owner may read."""
    try:
        if os.name != "nt" and (others := stat.S_IMODE(path.stat().st_mode) & 0o077):
            raise LedgerError(
                f"{name} can be read or changed by others than its owner",
                where=str(path),
                found=f"mode {others | 0o600:04o}",
                expected="mode 0600",
                mend=f"chmod 600 {path}; if others may have read it, take another key",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            f"{name} is not there", where=str(path), mend="check the path, or restore the file from a copy"
        ) from None
    except OSError as e:
        raise disk_error(e, f"reading {name}", path) from None


def _no_key(path: Path, found: str) -> LedgerError:
    return LedgerError(
        "this file holds no signing key",
        where=str(path),
        found=found,
        expected="an Ed25519 key in PEM (PKCS #8), without a password",
    )
