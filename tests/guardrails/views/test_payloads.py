"""Payloads are found in their encodings, and in nothing else."""

import base64
import hashlib
import random
import re
import secrets
import textwrap

import pytest

from guardrails.views.payloads import MIN_DIGITS, _longest, _of_one_width, is_begun, payloads

TEXT = "the card is 4111 1111 1111 1111 and more of it follows"
ENCODED = base64.b64encode(TEXT.encode()).decode()


def _found(text: str) -> list[tuple[str, str, str]]:
    return [(found.encoding, found.text, text[found.start : found.end]) for found in payloads(text)]


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("base64", ENCODED),
        ("base64", base64.b64encode(b"a@example.com").decode()),
        ("base64", base64.urlsafe_b64encode("über?>>> wer weiß?>>".encode()).decode().rstrip("=")),
        ("hex", TEXT.encode().hex()),
        ("hex", TEXT.encode().hex().upper()),
        ("hex", "0x" + TEXT.encode().hex()),
        ("base64", base64.b64encode(TEXT.encode("utf-16-le")).decode()),
    ],
)
@pytest.mark.parametrize("around", ["{}", "see {} ok", "“{}”", "x={}&y", "<{}>", "看{}吗", "{}."])
def test_a_payload_is_found(encoding: str, written: str, around: str) -> None:
    ((kind, text, place),) = _found(around.format(written))
    assert (kind, place) == (encoding, written)
    assert text in (TEXT, "a@example.com", "über?>>> wer weiß?>>")


@pytest.mark.parametrize("width", [24, 60, 64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["", "    ", "\t"])
@pytest.mark.parametrize("behind", ["", "Regards\n", "More of it.\n", "\n\nThe end"])
def test_a_wrapped_payload_is_one(width: int, end: str, indent: str, behind: str) -> None:
    encoded = base64.b64encode((TEXT * 3).encode()).decode()
    lines = textwrap.wrap(encoded, width)
    ((kind, text, place),) = _found(f"key: {(end + indent).join(lines)}{end}{indent}{behind}")
    assert (kind, text) == ("base64", TEXT * 3)
    assert place == (end + indent).join(lines)


@pytest.mark.parametrize("text", [TEXT, TEXT + "!"])
@pytest.mark.parametrize("before", ["", "0123456789abcdef0123456789abcdef\n"])
def test_a_payload_of_two_lines_stands_where_they_do(text: str, before: str) -> None:
    wrapped = "\n".join(textwrap.wrap(base64.b64encode(text.encode()).decode(), 48))
    assert wrapped.count("\n") == 1
    assert ("base64", text, wrapped) in _found(f"key: {before}{wrapped}\n")
    assert before or _found(f"key: {wrapped}\n") == [("base64", text, wrapped)]


def _spans(stretch: str) -> list[tuple[int, int]]:
    return [line.span() for line in re.finditer("[A-Za-z0-9]+", stretch)]


@pytest.mark.parametrize(
    ("stretch", "groups"),
    [
        ("a", [["a"]]),
        ("aaa\naaa\na\nbbbb\nbbbb", [["aaa", "aaa", "a"], ["bbbb", "bbbb"]]),
        ("aa\nbbb\nbbb", [["aa"], ["bbb", "bbb"]]),
        ("aaa\naaa\r\naaa", [["aaa", "aaa"], ["aaa"]]),
        ("aaa\na\nb", [["aaa", "a"], ["b"]]),
    ],
)
def test_lines_of_one_width_are_as_an_encoder_wraps(stretch: str, groups: list[list[str]]) -> None:
    found = _of_one_width(stretch, _spans(stretch))
    assert [[stretch[start:end] for start, end in group] for group in found] == groups


def test_texts_of_other_width_behind_one_another_are_read_together_and_each_alone() -> None:
    other = "and this one is about 5555 5555 5555 4444, said apart "
    written = ["\n".join(textwrap.wrap(base64.b64encode(one.encode()).decode(), width))
               for one, width in ((TEXT, 48), (other, 36))]  # fmt: skip
    found = _found("\n".join(written) + "\n")
    assert found[0][1] == TEXT + other
    assert [("base64", TEXT, written[0]), ("base64", other, written[1])] == found[1:]


@pytest.mark.parametrize(("lines", "count"), [([ENCODED], 1), ([ENCODED[:40], ENCODED[40:]], 2)])
def test_a_last_line_that_adds_nothing_is_none_of_it(lines: list[str], count: int) -> None:
    for stretch in ("\n".join(lines), "\n".join([*lines, "A"])):
        assert _longest(stretch, _spans(stretch)) == (count, ("base64", TEXT))


def test_stretches_and_lines_that_are_none_hide_no_payload_behind_them() -> None:
    stray = base64.b64encode(b"\xff\0" * 40 + TEXT.encode()).decode()
    assert [text for _, text, _ in _found(f"internationalization {ENCODED}")] == [TEXT]
    more = "more of it stands here, and nothing else "
    found = _found(f"{base64.b64encode(more.encode() * 3).decode()}\n{stray}\n")
    assert found[0][1] == more * 3
    assert TEXT in found[-1][1]
    among = random.Random(5).randbytes(90) + b"\0" + TEXT.encode() + b"\0" + random.Random(6).randbytes(30)
    found = _found(f"{base64.b64encode(more.encode() * 3).decode()}\n{base64.b64encode(among).decode()}\n")
    assert [text for _, text, _ in found] == [more * 3, TEXT]


def test_a_text_among_stray_bytes_is_found_behind_several_payloads() -> None:
    stray = random.Random(5).randbytes(90) + b"\0call Anna at home\0" + random.Random(6).randbytes(30)
    # None is padded, which would end the stretch.
    parts = (f"{TEXT} is", f"{TEXT} twice", f"{TEXT} today", stray)
    lines = [base64.b64encode(one.encode() if isinstance(one, str) else one).decode() for one in parts]
    found = _found("\n0123456789abcdef0123456789abcdef\n".join(lines) + "\n")
    assert [text for _, text, _ in found if "Anna" in text] == ["call Anna at home"]


def test_lines_that_are_no_payload_together_may_be_ones_alone() -> None:
    other = "0123456789abcdef" * 2
    assert [text for _, text, _ in _found(f"{other}\n{ENCODED}\n{other}\n")] == [TEXT]


@pytest.mark.parametrize("before", ["", "0123456789abcdef0123456789abcdef\n" * 3, "x" * 40 + "\n"])
@pytest.mark.parametrize(
    "behind", ["", "0123456789abcdef0123456789abcdef\n" * 3, "x" * 40 + "\n", "Regards\n"]
)
def test_lines_around_it_hide_no_wrapped_payload(before: str, behind: str) -> None:
    text = "naïve “€” " * 3 + TEXT * 2
    lines = "\n".join(textwrap.wrap(base64.b64encode(text.encode()).decode().rstrip("="), 30)) + "\n"
    found = "".join(text for _, text, _ in _found(before + lines + behind))
    assert text in found


@pytest.mark.parametrize("before", ["path/to/", "token_", "a-", "https://example.com/x/"])
def test_what_is_glued_to_it_hides_no_payload(before: str) -> None:
    ((_, text, place),) = _found(before + ENCODED)
    assert (text, place) == (TEXT, ENCODED)


@pytest.mark.parametrize(
    "text",
    [
        "responsibilities and internationalization",
        "state-of-the-art-solutions",
        "GET/HTTP/Content-Type/Accept-Encoding",
        "4111111111111111",
        "0123456789abcdef0123456789abcdef",
        "AKIAIOSFODNN7EXAMPLE",
        "550e8400-e29b-41d4-a716-446655440000",
        "TheQuickBrownFoxJumpsOverTheLazyDog",
        "get_user_by_id_and_name_v2",
        "src/main/java/com/example/App2",
        "1234567890123456789012",
        "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",
        "2024-01-02T03-04-05Z0000",
    ],
)
def test_words_names_and_hashes_are_none(text: str) -> None:
    assert _found(text) == []


def test_hashes_and_random_tokens_are_none() -> None:
    numbers = random.Random(7)
    for _ in range(500):
        octets = numbers.randbytes(32)
        for token in (hashlib.sha256(octets).hexdigest(), base64.b64encode(octets).decode()):
            assert _found(token) == []
    assert _found(secrets.token_urlsafe(64)) == []


@pytest.mark.parametrize("kind", ["image/svg+xml;charset=utf-8", "image/x", "audio/mpeg", "text/plain", ""])
def test_a_text_is_one_whatever_the_type_of_its_url(kind: str) -> None:
    assert [text for _, text, _ in _found(f"data:{kind};base64,{ENCODED}")] == [TEXT]


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF-1.7\n"]
)
def test_an_image_holds_no_text(head: bytes) -> None:
    octets = head + random.Random(3).randbytes(3_000) + TEXT.encode() + random.Random(4).randbytes(3_000)
    assert _found(f"![x](data:image/x;base64,{base64.b64encode(octets).decode()})") == []


@pytest.mark.parametrize(
    "octets",
    [
        TEXT.encode() + b"\0",
        b"\0" + TEXT.encode(),
        b"\0\0\0" + TEXT.encode(),
        b"\xff\xfe\xfd\xfc\xfb" + TEXT.encode() + b"\x01" * 9,
        TEXT.encode()[:20] + b"\0\x80\xff\0\0\0" + TEXT.encode()[20:],
        b"\x89PNG\r\n\x1a\n" + TEXT.encode(),
    ],
)
def test_stray_bytes_hide_no_text(octets: bytes) -> None:
    found = _found(f"see {base64.b64encode(octets).decode()} ok")
    said = "".join(text for _, text, _ in found)
    assert any(TEXT[start : start + 20] in said for start in (0, 20))


def test_a_text_beyond_ascii_with_stray_bytes_is_one() -> None:
    text = "naïve “€” über " * 3
    for octets, padding in ((text.encode() + b"\0", 1), (b"\0" + text.encode() + b"\0\0", 2)):
        written = base64.b64encode(octets).decode()
        assert written.endswith("=" * (-len(octets) % 3))
        for before in ("see ", "0123456789abcdef0123456789abcdef\n"):
            found = [(kind, said.strip(), place) for kind, said, place in _found(f"{before}{written} ok")]
            assert ("base64", text.strip(), written) in found, padding


def test_a_piece_that_is_glued_to_others_is_read_from_fourteen_digits_on() -> None:
    assert MIN_DIGITS == 14
    exact = base64.b64encode(b"call Anna!").decode().rstrip("=")
    assert (len(exact), _found(f"path-to/{exact}")) == (14, [("base64", "call Anna!", exact)])
    assert _found(f"path-to/{base64.b64encode(b'call Ann').decode().rstrip('=')}") == []


@pytest.mark.parametrize("before", ["b", "b6", "b64", "decode", "AAAA", "Base64"])
def test_letters_glued_before_hide_no_text(before: str) -> None:
    written = f"see {before}{ENCODED} ok"
    ((kind, place),) = [(kind, place) for kind, text, place in _found(written) if TEXT[2:] in text]
    assert kind == "base64"
    assert place.endswith(ENCODED[4:])
    padded = base64.b64encode(f"{TEXT}!".encode()).decode()
    assert [place[-4:] for _, text, place in _found(f"{before}{padded}") if "!" in text] == [padded[-4:]]


@pytest.mark.parametrize("behind", ["\n", "\r", "\r\n", "\n  ", "\n\t"])
def test_a_long_line_may_go_on(behind: str) -> None:
    assert is_begun("x " + "aB3" * 8 + behind)
    assert not is_begun("x " + "aB3" * 7 + behind)
    assert not is_begun("aB3" * 8 + "=" + behind)


@pytest.mark.parametrize("text", ["a word ", "word\n", "", "aB3" * 8, "aB3" * 8 + "\n\n", "aB3" * 8 + " \n"])
def test_nothing_else_goes_on(text: str) -> None:
    assert not is_begun(text)
