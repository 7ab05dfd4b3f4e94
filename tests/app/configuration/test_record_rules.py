import base64

from app.configuration.record_rules import encryption_problems
from app.record_settings import EncryptionSettings
from app.secret import Secret

GOOD = Secret(base64.b64encode(b"k" * 32).decode())


def test_keys_are_of_32_bytes_and_the_active_one_is_there() -> None:
    keys = {"a": GOOD, "b": Secret("short"), "c": Secret(base64.b64encode(b"k" * 16).decode())}
    found = [problem.path for problem in encryption_problems(EncryptionSettings(keys=keys, active="d"))]
    assert found == [
        "records.encryption.keys.b",
        "records.encryption.keys.c",
        "records.encryption.active",
    ]
    assert list(encryption_problems(EncryptionSettings(keys={"a": GOOD}, active="a"))) == []
