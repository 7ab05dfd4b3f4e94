"""Every corner of an answer that could hold what must not go out."""

import pytest

from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from tests.answers import MAIL, REDACT, Answer, call, spelling

CORNERS: dict[str, list[ProviderEvent]] = {
    "name of a tool": call(0, "{}", function={"name": MAIL}),
    "custom input": [
        ToolCallStarted(0, 0, {"id": "1", "type": "custom", "custom": {"name": "f"}}),
        ToolArguments(0, 0, MAIL),
    ],
    "function call": [
        ToolCallStarted(0, FUNCTION_CALL, {"name": "f"}),
        ToolArguments(0, FUNCTION_CALL, f'["{MAIL}"]'),
    ],
    "a custom call that is none": call(0, '["alice\\u0040example.com"]', type="custom"),
    "annotation": [Extra(0, {"annotations": [{"url_citation": {"title": MAIL}}]})],
    "unknown field in pieces": [Extra(0, {"thing": "alice@exa"}), Extra(0, {"thing": "mple.com"})],
    "entry in pieces": [
        Extra(0, {"parts": [{"index": 0, "t": "alice@"}]}),
        Extra(0, {"parts": [{"index": 0, "t": "example.com"}]}),
    ],
    "entries that stay apart": [Extra(0, {"a": [{"t": MAIL}]}), Extra(0, {"a": [{"t": "abc"}]})],
    "entries that spell it together": [
        Extra(0, {"citations": [{"text": "alice@"}, {"text": "example.com"}]})
    ],
    "entries that came one by one": [
        Extra(0, {"thinking_blocks": [{"index": 0, "thinking": "alice@exa"}]}),
        Extra(0, {"thinking_blocks": [{"index": 1, "thinking": "mple.com"}]}),
    ],
    "parts of a content": [
        Extra(0, {"content": [{"type": "text", "text": "alice@"}, {"text": "example.com"}]})
    ],
    "entries at the top": [Extra(None, {"citations": ["alice@", "example.com"]})],
    "entries within a field of a choice": [
        ChoiceFinished(0, "stop", {"grounding": {"supports": [{"t": "alice@"}, {"t": "example.com"}]}})
    ],
    "arguments of a call elsewhere": [
        Extra(0, {"executed_tools": [{"arguments": '{"to": "alice\\u0040example.com"}'}]})
    ],
    "a copy of half of it": [
        TextDelta(0, "reasoning_content", MAIL),
        Extra(0, {"thinking_blocks": [{"thinking": "alice@exa"}]}),
    ],
    "late field of a call": [
        *call(0, "{}"),
        Extra(0, {"tool_calls": [{"index": 0, "x": "alice@"}]}),
        Extra(0, {"tool_calls": [{"index": 0, "x": "example.com"}]}),
    ],
    "top level": [Extra(None, {"citations": [MAIL]})],
    "name of a field": [Extra(0, {MAIL: 1})],
    "field of a choice": [ChoiceFinished(0, "stop", {"note": MAIL})],
    "finish reason": [ChoiceFinished(0, MAIL, {})],
    "head": [Started({"id": MAIL, "model": MAIL, "system_fingerprint": MAIL})],
    "usage": [UsageReported({"prompt_tokens": 1, "note": MAIL})],
    "tokens": [spelling("alice", "@example.com")],
    "tokens of a call": [*call(0, f'["{MAIL}"]'), spelling('["al', "ice@exa", 'mple.com"]', text="")],
    "alternative token": [
        TextDelta(0, "content", "x", {"content": [{"token": "x", "top_logprobs": [{"token": MAIL}]}]})
    ],
}


@pytest.mark.parametrize("corner", CORNERS)
async def test_no_corner_of_an_answer_goes_out_unscreened(corner: str) -> None:
    events = CORNERS[corner]
    redacted = await Answer(REDACT).run(events)
    assert "alice" not in redacted.everything()
    assert "example" not in redacted.everything()
    blocked = await Answer(REDACT | {"action": "block"}).run(events)
    assert blocked.screening.blocked is not None
    assert "alice" not in blocked.everything()
