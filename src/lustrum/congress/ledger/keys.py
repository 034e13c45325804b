"""The keys of a ledger: the one that signs it (Ed25519), and the one that seals the papers of a secret ballot (X25519).

Each secret ballot has a key of its own. Its public half stands in the opening event, its private half in a file beside
the database, so in no backup of it. A paper is filled up to the ballot's size and sealed; at the close all are opened
and sorted, and the private half is destroyed. Copies of the database from before the close are then unreadable for
good: they show that a voter voted, and never what.
"""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lustrum.congress.canonical import JSON, canonical
from lustrum.errors import BadInput, LedgerError
from lustrum.workspace.aside import disk_error, flush, plain_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


KEY_PREFIX = "ed25519:"


class SigningKey:
    """A private key of Ed25519.

    Parameters
    ----------
    private
        The key as `cryptography` has it; `generate` and `load` make one.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = KEY_PREFIX + private.public_key().public_bytes_raw().hex()

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
            "not a public key", where=where, found=repr(public)[:90], expected=f"{KEY_PREFIX} and 64 hexadecimal digits"
        ) from None
    return public


@lru_cache(maxsize=16)
def _public_key(public: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    digits = public.removeprefix(KEY_PREFIX)
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


BOX_PREFIX = "x25519:"
BOX_FORMAT = "lustrum-box/1"
_BOX_KEY = "the key of the ballot box"


def new_key(path: Path) -> str:
    """Write a new private key to `path`; return its public half, `x25519:<hex>`."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    write_private(path, private.private_bytes_raw().hex().encode() + b"\n", _BOX_KEY)
    return BOX_PREFIX + private.public_key().public_bytes_raw().hex()


def load_key(path: Path, public: str) -> X25519PrivateKey:
    """Read the private key of a ballot box and see that it belongs to the public half."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    text = read_private(path, _BOX_KEY)
    try:
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(text.decode("ascii").strip()))
    except ValueError:
        raise LedgerError(
            "this file holds no key of a ballot box",
            where=str(path),
            expected="64 hexadecimal digits",
            mend="restore it from a copy",
        ) from None
    if BOX_PREFIX + private.public_key().public_bytes_raw().hex() != public:
        raise LedgerError(
            "this is the key of another ballot box", where=str(path), expected=f"the private half of {public}"
        )
    return private


def destroy_key(path: Path) -> None:
    """Overwrite a private key and remove its file."""
    with plain_errors(f"destroying {_BOX_KEY}", path), suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(b"\0" * os.fstat(file.fileno()).st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        flush(path.parent)


def key_path(database: Path, ledger: str, ballot: str) -> Path:
    """Return where the private key of a ballot box lies: beside the database."""
    name = hashlib.sha256(canonical([ledger, ballot])).hexdigest()[:24]
    return database.with_name(f"{database.name}-urn-{name}.key")


def ballot_keys(database: Path) -> set[Path]:
    """Return the keys of ballot boxes that lie beside a database."""
    return set(database.parent.glob(f"{glob.escape(database.name)}-urn-*.key"))


def seal(public: str, ledger: str, ballot: str, paper: bytes, size: int) -> bytes:
    """Seal a paper so that only the holder of the private key opens it.

    A fresh X25519 key is agreed with the ballot's; HKDF-SHA256 makes of the secret, with both public keys as salt, the
    key of ChaCha20-Poly1305, whose nonce is zero, as the key is used once. The envelope is the fresh public key and the
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
    theirs = bytes.fromhex(public.removeprefix(BOX_PREFIX))
    fresh = X25519PrivateKey.generate()
    mine = fresh.public_key().public_bytes_raw()
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(theirs))
    return mine + _cipher(shared, mine + theirs).encrypt(bytes(12), paper.ljust(size), _bound(ledger, ballot))


def unseal(private: X25519PrivateKey, ledger: str, ballot: str, sealed: bytes) -> bytes:
    """Open an envelope.

    Raises
    ------
    ValueError
        If it was not sealed to this key for this ballot, or was changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    mine, text = sealed[:32], sealed[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(mine))
    try:
        plain = _cipher(shared, mine + private.public_key().public_bytes_raw()).decrypt(
            bytes(12), text, _bound(ledger, ballot)
        )
    except InvalidTag:
        raise ValueError("an envelope that was not sealed to this ballot box, or was changed") from None
    return plain.rstrip(b" ")


def _cipher(shared: bytes, salt: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt, BOX_FORMAT.encode()).derive(shared))


def _bound(ledger: str, ballot: str) -> bytes:
    return canonical({"ballot": ballot, "format": BOX_FORMAT, "ledger": ledger})
