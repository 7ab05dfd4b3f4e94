import base64
import os
from hashlib import sha256

import pytest

from app.records.canonical import body_hash, erasable_hash
from app.records.protection import Protection, Unreadable
from app.records.rows import Capture, rows_of
from tests.exchanges import exchange

ROWS = rows_of(exchange(metadata={"_user": "ada"}), Capture("full", str))
KEYS = {"old": b"o" * 32, "new": b"n" * 32}


def test_every_body_has_a_salt_of_its_own_and_the_hash_of_both() -> None:
    request, response = Protection().protect(ROWS).payloads
    assert request["salt"] != response["salt"]
    for payload in (request, response):
        assert payload["hash"] == body_hash(str(payload["salt"]), str(payload["body"]))
        assert payload["key_id"] is None


def test_a_persons_words_in_the_exchange_have_a_salted_hash() -> None:
    row = Protection().protect(ROWS, {"_user": "ada"}).exchanges[0]
    assert row["subject"] == "ada"
    assert row["erasable_hash"] == erasable_hash(str(row["erasable_salt"]), row)
    assert row["erasable_hash"] != Protection().protect(ROWS, {"_user": "ada"}).exchanges[0]["erasable_hash"]


def test_without_a_persons_words_there_is_nothing_to_salt() -> None:
    row = Protection().protect(rows_of(exchange(), Capture("full", str))).exchanges[0]
    assert (row["subject"], row["erasable_salt"], row["erasable_hash"]) == (None, None, None)


def test_a_subject_is_found_again_by_its_keyed_hash() -> None:
    protection = Protection(subject_key=b"k")
    assert protection.protect(ROWS, {"_user": 7}).exchanges[0]["subject"] == protection.subject("7")
    assert protection.subject("7") != Protection(subject_key=b"other").subject("7")
    assert len(Protection().subject("a" * 300)) == 256


def test_a_subject_that_says_by_itself_who_it_is_does_not_stand_as_it_was_given() -> None:
    protection = Protection(redact=lambda text: text.replace("a@b.example", "[EMAIL]"))
    assert protection.subject("7") == "7"
    assert (
        protection.protect(ROWS, {"_user": "a@b.example"}).exchanges[0]["subject"]
        == sha256(b"a@b.example").hexdigest()
    )
    keyed = Protection(subject_key=b"k", redact=lambda _: "")
    assert keyed.subject("7") == Protection(subject_key=b"k").subject("7")


def test_only_the_hash_is_kept_where_that_is_all_that_was_asked_for() -> None:
    rows = Protection(KEYS, "new").protect(ROWS)
    payloads = tuple(payload | {"content": "hashes"} for payload in ROWS.payloads)
    for payload in Protection(KEYS, "new").protect(type(rows)(ROWS.exchanges, payloads)).payloads:
        assert payload["body"] is payload["key_id"] is None
        assert payload["hash"] is not None


def test_an_encrypted_body_comes_back_and_its_hash_is_that_of_the_text() -> None:
    protection = Protection(KEYS, "new")
    for before, payload in zip(ROWS.payloads, protection.protect(ROWS).payloads, strict=True):
        assert payload["key_id"] == "new"
        assert str(before["body"])[:10].encode() not in base64.b64decode(str(payload["body"]))
        place = str(payload["exchange_id"]), str(payload["kind"])
        text = protection.decrypted(*place, str(payload["body"]), "new")
        assert text == before["body"]
        assert payload["hash"] == body_hash(str(payload["salt"]), text)


def test_an_older_key_still_decrypts() -> None:
    body, key = Protection(KEYS, "old").encrypted("id", "request", "text")
    assert Protection(KEYS, "new").decrypted("id", "request", body, key) == "text"
    assert Protection(KEYS, "new").decrypted("id", "request", "text", None) == "text"


def test_what_cannot_be_decrypted_is_named() -> None:
    protection = Protection(KEYS, "new")
    body, _ = protection.encrypted("id", "request", "text")
    with pytest.raises(Unreadable, match="of id is encrypted with the key 'lost'"):
        protection.decrypted("id", "request", body, "lost")
    for place, moved, key in (
        (("id", "response"), body, "new"),
        (("other", "request"), body, "new"),
        (("id", "request"), body, "old"),
        (("id", "request"), base64.b64encode(os.urandom(40)).decode(), "new"),
        (("id", "request"), "no base64!", "new"),
    ):
        with pytest.raises(Unreadable, match="is not what was encrypted"):
            protection.decrypted(*place, moved, key)
