import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access.keys import Keyring, key_hash, new_key
from app.domain.errors import Unauthenticated
from app.domain.exchange import ANONYMOUS, Caller
from app.settings import KeySettings

KEY = new_key()
OTHER = new_key()
TEAM_A = Caller(name="team-a", guardrails=("strict",))
TEAM_B = Caller(name="team-b")
KEYRING = Keyring(
    {
        "team-a": KeySettings(hash=key_hash(KEY), guardrails=("strict",)),
        "team-b": KeySettings(hash=key_hash(OTHER)),
    }
)


def bearer(key: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {key}".encode()


def portkey(key: str) -> tuple[bytes, bytes]:
    return b"x-portkey-api-key", key.encode()


def test_a_new_key_holds_256_random_bits_behind_its_prefix() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"hr-[A-Za-z0-9_-]{43}", key) for key in keys)


def test_a_hash_is_what_the_settings_take_and_not_the_key() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", key_hash(KEY))
    assert KEY not in key_hash(KEY)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([portkey(KEY), bearer("sk-mine")], "sk-mine"),
        ([portkey(KEY), (b"x-api-key", b" sk-ant-mine ")], "sk-ant-mine"),
        ([bearer("sk-mine"), (b"x-api-key", b"sk-ant-mine")], "sk-mine"),
        ([bearer(KEY), (b"x-api-key", b"sk-ant-mine")], "sk-ant-mine"),
        ([portkey("sk-mine"), bearer(KEY)], None),
        ([bearer(new_key())], None),
        ([portkey(KEY), bearer("OPENAI_API_KEY")], None),
        ([portkey(KEY), bearer("dummy")], None),
        ([portkey(KEY), bearer("EMPTY")], None),
        ([portkey(KEY), (b"authorization", b"Basic sk-mine")], None),
        ([portkey(KEY)], None),
    ],
)
def test_what_is_no_gateway_key_may_be_one_for_a_provider(
    headers: list[tuple[bytes, bytes]], key: str | None
) -> None:
    assert KEYRING.providers_key(headers) == key


@pytest.mark.parametrize(
    "headers",
    [
        [bearer(KEY)],
        [portkey(KEY)],
        [(b"authorization", b"bEARER   " + KEY.encode() + b" ")],
        [portkey(""), bearer(KEY)],
        [portkey(KEY), bearer("OPENAI_API_KEY")],
        [portkey(KEY), bearer("sk-for-the-provider")],
        [portkey("pk-of-another-gateway"), bearer(KEY)],
        [(b"host", b"x"), bearer(KEY), (b"accept", b"*/*")],
        [bearer(OTHER), portkey(KEY)],
    ],
)
def test_a_known_key_names_its_caller(headers: list[tuple[bytes, bytes]]) -> None:
    assert KEYRING.caller(headers) == TEAM_A


def test_each_key_has_its_own_caller() -> None:
    assert KEYRING.caller([bearer(OTHER)]) == TEAM_B


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [portkey("")],
        [bearer("")],
        [bearer("OPENAI_API_KEY"), portkey("")],
        [(b"authorization", b"")],
        [(b"authorization", b"Basic " + KEY.encode())],
        [(b"authorization", KEY.encode())],
        [(b"cookie", b"x-portkey-api-key=" + KEY.encode())],
    ],
)
def test_without_a_key_a_caller_is_told_how_to_send_one(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unauthenticated, match=r"A gateway key is needed.*Authorization: Bearer"):
        KEYRING.caller(headers)


@pytest.mark.parametrize(
    "sent",
    [
        KEY[:-1],
        KEY + "a",
        KEY.upper(),
        KEY[3:],
        key_hash(KEY),
        key_hash(KEY).removeprefix("sha256:"),
        "' OR 1=1 --",
        "OPENAI_API_KEY2",
    ],
    ids=["cut", "longer", "capitals", "no prefix", "its hash", "its bare hash", "SQL", "a placeholder"],
)
def test_what_only_resembles_a_key_is_refused_and_not_repeated(sent: str) -> None:
    for header in (bearer(sent), portkey(sent)):
        with pytest.raises(Unauthenticated, match="not known") as caught:
            KEYRING.caller([header])
        assert sent not in str(caught.value.body())


def test_where_no_keys_are_configured_everybody_is_anonymous() -> None:
    assert Keyring({}).caller([bearer("whatever")]) == ANONYMOUS
    assert Keyring({}).caller([]) == ANONYMOUS


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"authorization", b"x-portkey-api-key", b"cookie"]),
            st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(b"Bearer ".__add__)),
        ),
        max_size=4,
    )
)
def test_no_other_bytes_are_a_key_and_none_crash_it(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unauthenticated):
        KEYRING.caller(headers)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_distinct_keys_never_share_a_caller(one: str, other: str) -> None:
    keyring = Keyring({"one": KeySettings(hash=key_hash(one)), "other": KeySettings(hash=key_hash(other))})
    if one != other and one.strip() == one:
        name = "one"
        headers = [(b"x-portkey-api-key", one.encode())]
        if one.encode().strip() == one.encode() and one != "OPENAI_API_KEY":
            assert keyring.caller(headers).name == name
