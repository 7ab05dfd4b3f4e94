"""All kinds together keep the law on sentences full of identifiers: whole, cut short and run together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built
from tests.guardrails.checks.pii.examples import EXAMPLES

ALL = built("pii", {"entities": ["all"]})
_BETWEEN = (
    "",
    " ",
    " ",
    "\n",
    ", ",
    ": ",
    " is ",
    " number ",
    ". ",
    "-",
    "/",
    "\u00a0",
    "\t",
    "? ",
    "\u3000",
    " 7 ",
    "号",
)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    chunks = []
    for _ in range(draw(st.integers(1, 4))):
        _, before, value, _ = draw(st.sampled_from(EXAMPLES))
        for piece in (before, value):
            cut = draw(st.integers(0, len(piece))) if draw(st.integers(0, 5)) == 0 else len(piece)
            chunks += [piece[:cut], draw(st.sampled_from(_BETWEEN)) if draw(st.booleans()) else ""]
    return "".join(chunks)


@settings(max_examples=150, deadline=None)
@given(text=_texts())
def test_all_kinds_together_keep_the_law(text: str) -> None:
    assert_conforms(ALL, text)
