"""The `urls` check keeps the law of checks on texts full of Markdown, HTML and URLs."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built

CHECK = built(
    "urls",
    {
        "allow": ["a.example"],
        "images": [],
        "rules": ["exfiltration", "private_host"],
        "bare_hosts": True,
    },
)

PIECES = st.sampled_from(
    [
        *(
            "![",
            "[",
            "](",
            "]",
            ")",
            "]: ",
            "]:",
            "<",
            ">",
            "(",
            "src",
            "href",
            "=",
            " = ",
            '"',
            "url(",
            "//",
            "\\",
        ),
        *(
            "https://",
            "169.254.169.254",
            "localhost",
            "[::1]",
            "http:",
            "a.example",
            "b.example",
            "/x",
            "?q=",
            "例",
            "中。",
            " ",
            "\n",
            "\u3000",
            "words",
        ),
        *(
            "data:a/b,",
            "javascript:",
            "@",
            ".",
            "c.example/x ",
            "![a b](//b.example/y)",
            "<img src='//b.example'>",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.lists(PIECES, max_size=20).map("".join))
@example(text="https://\u3000![")
def test_urls_keep_the_law(text: str) -> None:
    assert_conforms(CHECK, text)
