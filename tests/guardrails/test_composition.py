"""Whatever set of guardrails redacts: what is found goes, all else stays, and once is enough."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Engine, Guardrail, Part, Screening, guardrail

KEY = b"key of the tests"
CHECKS: list[dict[str, Any]] = [
    {"pii": {"entities": ["email"]}},
    {"pii": {"entities": ["card", "phone", "ip"], "regions": ["US", "DE"]}},
    {"regex": {"pattern": r"EMP-\d+", "name": "employee"}},
    {"regex": {"pattern": r"\S+@\S+ is \S+", "name": "claim"}},
    {"regex": {"pattern": r"\d{4}", "name": "year", "replace": "(year)"}},
    {"words": {"deny": ["project falcon"]}},
    {"secrets": {}},
]
PIECES = [
    *(
        "alice@example.com",
        "a\u200blice@example.com",
        "bob%40example.com",
        "EMP-7",
        "4111 1111 1111 1111",
        "2026",
    ),
    *(
        "is",
        "project",
        "falcon",
        "Falcon",
        "ghp_" + "a1B2" * 9,
        "+49 30 901820",
        "10.0.0.1",
        " ",
        "\n",
        "é",
        "[EMAIL]",
    ),
    *("[EMAIL_BBBBBB]", "password = hunter22", "YWxpY2VAZXhhbXBsZS5jb20=", "你好", ",", "_", "word"),
]
SPACED = st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)
TEXTS = SPACED | SPACED.map(lambda text: text.replace(" ", ""))


@st.composite
def policies(draw: st.DrawFn) -> list[Guardrail]:
    """Draw up to four guardrails over one or two of the checks."""
    drawn = []
    for i in range(draw(st.integers(1, 4))):
        checks = draw(st.lists(st.sampled_from(CHECKS), min_size=1, max_size=2, unique_by=str))
        reversible = draw(st.booleans()) and {"secrets": {}} not in checks
        spec = {"checks": checks, "action": "redact", "reversible": reversible}
        drawn.append(guardrail(f"g{i}", spec))
    return drawn


async def screened(guardrails: Sequence[Guardrail], text: str) -> Screening:
    return await Engine(guardrails, KEY).screen([Part("p", text)])


def merged(screening: Screening) -> list[tuple[int, int]]:
    """Return what the findings cover, worked out character by character."""
    places = [(one.start, one.end) for verdict in screening.verdicts for one in verdict.findings]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(place for place in places if place[0] < place[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


@settings(deadline=None, max_examples=80)
@given(policies(), TEXTS)
async def test_what_is_found_goes_all_else_stays_and_each_stretch_is_one_placeholder(
    guardrails: list[Guardrail], text: str
) -> None:
    screening = await screened(guardrails, text)
    found = merged(screening)
    edges = [(0, 0), *found, (len(text), len(text))]
    kept = [re.escape(text[before[1] : after[0]]) for before, after in pairwise(edges)]
    pattern = r"(?:\[[A-Z0-9_]+\]|\(year\))".join(kept)
    assert re.fullmatch(pattern, screening.redacted.get("p", text), re.DOTALL)
    assert [(span.start, span.end) for span in screening.covered.get("p", ())] == found


@settings(deadline=None, max_examples=60)
@given(policies().flatmap(lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn))), TEXTS)
async def test_the_order_of_guardrails_decides_about_names_only(
    orders: tuple[list[Guardrail], list[Guardrail]], text: str
) -> None:
    first, second = [(await screened(order, text)).covered.get("p", ()) for order in orders]
    assert [(one.start, one.end, one.rule is None) for one in first] == [
        (one.start, one.end, one.rule is None) for one in second
    ]


@settings(deadline=None, max_examples=60)
@given(policies(), TEXTS)
async def test_what_comes_back_is_what_was_there_but_for_what_is_gone_for_good(
    guardrails: list[Guardrail], text: str
) -> None:
    screening = await screened(guardrails, text)
    spans = screening.covered.get("p", ())
    edges = [
        (0, 0, ""),
        *((one.start, one.end, _left(one.rule, one.placeholder, text[one.start : one.end])) for one in spans),
    ]
    expected = "".join(
        before[2] + text[before[1] : after[0]]
        for before, after in pairwise([*edges, (len(text), len(text), "")])
    )
    assert screening.vault.restore(screening.redacted.get("p", text)) == expected


def _left(rule: str | None, placeholder: str, value: str) -> str:
    return placeholder if rule is None else value


@settings(deadline=None, max_examples=60)
@given(policies(), SPACED)
async def test_redacting_once_more_changes_nothing(guardrails: list[Guardrail], text: str) -> None:
    """Where words stand apart: what stood next to a word that is gone may be one that is found now."""
    redacted = (await screened(guardrails, text)).redacted.get("p", text)
    again = await screened(guardrails, redacted)
    assert again.redacted.get("p", redacted) == redacted
