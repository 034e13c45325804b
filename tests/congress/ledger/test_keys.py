"""A signing key lives in a file that its owner alone reads, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from lustrum.congress.ledger import SigningKey
from lustrum.congress.ledger.keys import signed
from lustrum.errors import LedgerError, WorkspaceError


def test_a_key_that_was_saved_signs_as_before(tmp_path: Path) -> None:
    key = SigningKey.generate()
    key.save(tmp_path / "key.pem")
    again = SigningKey.load(tmp_path / "key.pem")
    assert again.public == key.public and again.sign([1]) == key.sign([1])
    assert signed(key.public, [1], again.sign([1]))
    assert not signed(key.public, [2], key.sign([1]))
    assert not signed(SigningKey.generate().public, [1], key.sign([1]))
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("signature", ["", "zz", "00" * 64])
def test_what_is_no_signature_is_not_one(signature: str) -> None:
    assert not signed(SigningKey.generate().public, [1], signature)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    SigningKey.generate().save(tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(LedgerError, match="never overwritten"):
        SigningKey.generate().save(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    SigningKey.generate().save(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(mode)
    with pytest.raises(LedgerError, match=f"found: .* mode {mode:04o}[\\s\\S]*chmod 600"):
        SigningKey.load(tmp_path / "key.pem")


def test_what_is_no_key_is_refused_in_words(tmp_path: Path) -> None:
    def given(content: bytes) -> Path:
        path = tmp_path / "key.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    with pytest.raises(LedgerError, match="signing key is not there"):
        SigningKey.load(tmp_path / "none.pem")
    with pytest.raises(WorkspaceError, match="reading the signing key failed"):
        SigningKey.load(tmp_path)
    with pytest.raises(WorkspaceError, match="writing the signing key failed"):
        SigningKey.generate().save(tmp_path / "none" / "key.pem")
    with pytest.raises(LedgerError, match="holds no signing key"):
        SigningKey.load(given(b"hello"))
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(LedgerError, match=r"found: .*EllipticCurve|found: .*ECPrivateKey"):
        SigningKey.load(given(other))
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
    )
    with pytest.raises(LedgerError, match="without a password"):
        SigningKey.load(given(locked))
