"""Pieces that arrived together become one."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UpstreamBroken
from app.domain.events import ChoiceFinished, ProviderEvent, TextDelta, ToolArguments
from app.wire.joining import joined
from app.wire.openai.fold import Fold

pieces = st.lists(
    st.builds(
        TextDelta,
        st.integers(0, 1),
        st.sampled_from(["content", "refusal"]),
        st.text(max_size=5),
        st.none() | st.just({"content": [{"token": "x"}]}),
    )
    | st.builds(ToolArguments, st.just(0), st.just(0), st.text(max_size=3))
    | st.just(ChoiceFinished(0, "stop", {})),
    max_size=12,
)


def test_adjacent_pieces_of_a_text_become_one() -> None:
    events = [TextDelta(0, "content", text) for text in ("a", "", "b", "c")]
    assert list(joined(events)) == [TextDelta(0, "content", "abc")]


def test_other_texts_other_choices_and_log_probabilities_stay_apart() -> None:
    events: list[ProviderEvent] = [
        TextDelta(0, "content", "a"),
        TextDelta(1, "content", "b"),
        TextDelta(1, "refusal", "c"),
        TextDelta(1, "refusal", "d", {"content": []}),
        TextDelta(1, "refusal", "e"),
    ]
    assert list(joined(events)) == events


def test_what_was_said_before_an_error_is_not_lost() -> None:
    def broken() -> Iterator[ProviderEvent]:
        yield TextDelta(0, "content", "a")
        yield TextDelta(0, "content", "b")
        raise UpstreamBroken("cut")

    found: list[ProviderEvent] = []
    with pytest.raises(UpstreamBroken):
        found.extend(joined(broken()))
    assert found == [TextDelta(0, "content", "ab")]


@given(pieces)
def test_the_answer_stays_the_same(events: list[ProviderEvent]) -> None:
    apart, together = Fold(), Fold()
    for event in events:
        apart.add(event)
    for event in joined(events):
        together.add(event)
    assert together.document() == apart.document()
