"""What every check must keep, whoever wrote it: the law of `guardrails/check.py` and what follows from it.

`assert_conforms(check, text)` holds one check to it on one text; `TEXTS` are texts worth trying: Hypothesis
glues together prose, values, halves of values and white space. A third party's test is three lines:

    @given(text=TEXTS)
    def test_my_check_conforms(text: str) -> None:
        assert_conforms(MyCheck(), text)
"""

from collections.abc import Sequence

import msgspec
import re2
from hypothesis import strategies as st

from guardrails.check import Check, Match, Run, is_break

STARTS = (0, 7)
"""Where a run begins in its part; nothing but the `length` check may care."""


def assert_conforms(check: Check, text: str) -> None:
    """Hold a check to the law on this text, cut at every border that it has."""
    assert isinstance(check, Check)
    for start in STARTS:
        run = Run(text, start)
        found = list(check.find(run))
        _assert_places(found, text)
        _assert_repeats(check, run, found)
        _assert_triggers_are_sound(check, text, found)
        _assert_adds_up(check, run, found)


def borders(check: Check, text: str, start: int = 0) -> list[int]:
    """Return the borders of this text by this check alone."""
    return [
        end for end in range(1, len(text)) if is_break(text[end - 1]) and not check.is_open(text[:end], start)
    ]


def pieces(check: Check, text: str) -> list[Match]:
    """Return what the check finds where each run ends at its first border."""
    found: list[Match] = []
    begin = 0
    for end in range(1, len(text)):
        if is_break(text[end - 1]) and not check.is_open(text[begin:end], begin):
            found += _found(check, Run(text[begin:end], begin, last=False), begin)
            begin = end
    return found + _found(check, Run(text[begin:], begin), begin)


def _found(check: Check, run: Run, offset: int) -> list[Match]:
    return [
        msgspec.structs.replace(match, start=match.start + offset, end=match.end + offset)
        for match in check.find(run)
    ]


def _assert_places(found: Sequence[Match], text: str) -> None:
    for match in found:
        assert 0 <= match.start <= match.end <= len(text), "a match lies within its run"
        assert 0 <= match.score <= 1
        assert match.rule
    starts = [match.start for match in found]
    assert starts == sorted(starts), "matches are ordered by start"


def _assert_repeats(check: Check, run: Run, found: list[Match]) -> None:
    again = list(check.find(Run(run.text, run.start, last=run.last)))
    assert again == found, "find depends on the run alone"


def _assert_triggers_are_sound(check: Check, text: str, found: list[Match]) -> None:
    if found and check.triggers:
        assert any(re2.search(trigger, text) for trigger in check.triggers), "a finding has a trigger"


def _assert_adds_up(check: Check, run: Run, found: list[Match]) -> None:
    for border in borders(check, run.text, run.start):
        left = Run(run.text[:border], run.start, last=False)
        right = Run(run.text[border:], run.start + border, last=run.last)
        parts = [*_found(check, left, 0), *_found(check, right, border)]
        assert parts == found, f"a border at {border} changes what is found"
    if run.start == 0:
        assert pieces(check, run.text) == found, "a stream of characters changes what is found"
    assert borders(check, run.text, run.start) == borders(check, run.text, run.start), "is_open has no memory"


_PROSE = (
    """
the|call me|my phone number is|in 2024|order|order number|card|IBAN|ssn|social security
social security number is|version
v|tel:|phone|token:|the password is|password =|api_key:|secret access key|AWS|Bearer|Authorization: Bearer
New York
new  york|York City|river|bank|not bad|straße|Übung|кошка|naïve|don't|a|b|x|ext.|1|ID|No.|foo|foo bar|los
bung los
""".strip()
    .replace("\n", "|")
    .split("|")
)
_VALUES = (
    r"""
jane.doe@example.com|o'brien+tag@mail.example.co.uk|git@github.com:|icon@2x.png|4111 1111 1111 1111
4111-1111-1111-1111
4111111111111111|378282246310005|3782 822463 10005|6011111111111117|5555555555554444
GB82 WEST 1234 5698 7654 32
gb82west12345698765432|DE89370400440532013000|BE68 5390 0754 7034|NO93 8601 1117 947|460-89-9847
460 89 9847|460899847
(212) 555-0123|212-555-0123|212 555 0123|212 736 5000|+1 (212) 555-0123|+44 20 7946 0958|+46 (0)8 928 571 38
020 7946 0958|06 12 34 56 78|612 345 678|98765 43210|9876543210|555-0123|x123|2024-01-02|01.02.2024|13:45
192.0.2.1
10.1.2.3:8080|1.2.3.4|2001:db8::1|fe80::1|::|dead::beef|AKIAIOSFODNN7SECRETS
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
glpat-aBcDeFgHiJkLmNoPqRsT|xoxb-23984754863-2348975623000-AAAAANzjawSSE9krECohd
sk_live_AAAAAAAAAAAAAAAAAAAAAAAA
wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETSKEY|MySecretPass123!|Tr0ub4dor&3xyz|hunter2
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U
postgres://user:s3cr3tP4ss@db.example.com/x|0123456789abcdef0123456789abcdef01234567
-----BEGIN RSA PRIVATE KEY-----
-----BEGIN PRIVATE KEY-----|-----END RSA PRIVATE KEY-----|-----BEGIN PGP PRIVATE KEY BLOCK-----
Proc-Type: 4,ENCRYPTED
MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW8W|AoIBAQDnK3DbcFTgM5yy\nqV59QiqaVGZ+A6X5+4ANE|abc=|中文|中文字
日本語のテスト|한국어|ไทย|😀|é
""".strip()
    .replace("\n", "|")
    .split("|")
)
_ODD = ("\U0001f469\u200d\U0001f467", "e\u0301", "\uff11\uff12\uff13", "\uff20", "\u0664\u0662")
_SPACES = (
    "",
    "",
    "",
    " ",
    " ",
    " ",
    "\n",
    "\r\n",
    "  ",
    "\t",
    "\u00a0",
    "\u202f",
    "\u3000",
    "\u2028",
    "\x1c",
    "\x85",
)
_MARKS = (",", ", ", ".", ". ", "-", "/", ":", ": ", "(", ") ", "#", "=", "'", '"', "_", "\u2011", "0", "\\n")


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Words and values, some cut short, with anything or nothing between them."""
    chunks = []
    for _ in range(draw(st.integers(1, 9))):
        value = draw(st.sampled_from([*_PROSE, *_VALUES, *_ODD]))
        if draw(st.integers(0, 4)) == 0:
            value = value[: draw(st.integers(0, len(value)))]
        chunks += [value, draw(st.sampled_from(_SPACES + _MARKS))]
    return "".join(chunks)


_DIGIT_TEXTS = st.text(alphabet="0123456789 -.()+\u00a0x", max_size=60)
_ADDRESS_TEXTS = st.text(alphabet="ab.@:/ 1中", max_size=40)
_ANY_TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)

TEXTS = _texts() | _texts() | _texts() | _DIGIT_TEXTS | _ADDRESS_TEXTS | _ANY_TEXTS
"""Texts in which checks find things, nearly find things, and are cut in the middle of things."""
