import base64
import json
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.records.signing_key import (
    Signer,
    UnusableKey,
    configured_signer,
    is_signed,
    kept_signer,
    key_id_of,
    passing_signer,
    public_key_of,
    signed_bytes,
)

CHECKPOINT: dict[str, object] = {
    "writer": "0198c0de-0000-7000-8000-000000000001",
    "sequence": 7,
    "hash": "ab" * 32,
    "previous_sequence": 4,
    "signed_at": "2026-11-22T20:51:52.123456Z",
}
PEM = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


def test_only_what_was_signed_by_the_key_is_signed() -> None:
    signer = passing_signer()
    row = CHECKPOINT | {"signature": signer.sign(CHECKPOINT)}
    assert is_signed(signer.public_key, row)
    assert not is_signed(passing_signer().public_key, row)
    for name, value in {**CHECKPOINT, "signature": "junk"}.items():
        assert not is_signed(signer.public_key, row | {name: value * 2})  # type: ignore[operator]
    values = ["handrail checkpoint 1", *CHECKPOINT.values()]
    assert signed_bytes(CHECKPOINT).decode() == json.dumps(values, separators=(",", ":"))


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path, found = tmp_path / "key.pem", []
    threads = [threading.Thread(target=lambda: found.append(kept_signer(path).key_id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [kept_signer(path).key_id] * 8
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_configured_key_is_pem_or_a_file_with_it(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(*PEM)
    (tmp_path / "key").write_bytes(pem)
    ids = {configured_signer(pem.decode()).key_id, configured_signer(str(tmp_path / "key")).key_id}
    assert ids == {Signer(key).key_id}


def test_a_public_key_is_pem_or_base64_or_a_file_with_either(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    base64_ = Signer(key).public_key
    public = key.public_key().public_bytes(PEM[0], serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "pem").write_bytes(public)
    (tmp_path / "base64").write_text(base64_ + "\n")
    (tmp_path / "private").write_bytes(key.private_bytes(*PEM))
    for text in (base64_, public.decode(), *(str(tmp_path / name) for name in ("pem", "base64", "private"))):
        assert public_key_of(text) == base64_
    assert len(key_id_of(base64_)) == 16


@pytest.mark.parametrize(
    "text", ["no key", base64.b64encode(b"short").decode(), "/", "-----BEGIN PUBLIC KEY-----"]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey, match="Ed25519 key in PEM or base64"):
        public_key_of(text)


def test_what_is_no_signing_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1()).private_bytes(*PEM).decode()
    with pytest.raises(UnusableKey, match="no Ed25519 key"):
        configured_signer(other)
    with pytest.raises(UnusableKey, match="no private key in PEM") as raised:
        configured_signer("-----BEGIN sesame")
    assert "sesame" not in str(raised.value)
    with pytest.raises(UnusableKey, match="cannot be read"):
        configured_signer(str(tmp_path / "missing"))
    with pytest.raises(UnusableKey, match="cannot be made"):
        kept_signer(tmp_path / "missing" / "key")
