import json
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings

from app.wire.conversation_reader import read_conversation
from app.wire.openai.request import Limits, decode
from app.wire.params import Params
from tests.conversations import Features, documents

SWITCHES = [field.name for field in msgspec.structs.fields(Features)]


def read(document: dict[str, Any]) -> None:
    asked = decode(json.dumps(document).encode(), Limits())
    read_conversation(asked.document, Params(asked.document, "drop", "a test"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_what_is_made_is_accepted_and_makes_a_conversation(document: dict[str, Any]) -> None:
    read(document)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)
@given(documents(**dict.fromkeys(SWITCHES, False)))
def test_with_everything_switched_off_texts_are_left(document: dict[str, Any]) -> None:
    read(document)
    assert set(document) <= {"model", "messages", "stream", "stream_options"}
    for message in document["messages"]:
        assert set(message) == {"role", "content"}
        content = message["content"]
        texts = [content] if isinstance(content, str) else [part["text"] for part in content]
        assert all(texts)
    assert document["messages"][-1]["role"] == "user"


MARKS = {
    "images": '"url": "data:image/png',
    "remote": '"url": "https:',
    "files": '"file_data"',
    "audio": '"input_audio"',
    "media_in_results": '"tool_call_id"',
    "tools": '"tool_calls"',
    "legacy": '"role": "function"',
    "refusals": '"refusal": "',
    "reasoning": '"reasoning_content"',
    "names": '"name"',
    "cache_marks": '"cache_control"',
    "answer_format": '"json_schema"',
    "params": '"temperature"',
    "empty": '"content": ""',
}
"""What a document holds, as text, that has a feature."""


def test_every_feature_is_met() -> None:
    left = set(MARKS)

    @settings(max_examples=200, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(documents(media_in_results=True))
    def meet(document: dict[str, Any]) -> None:
        text = json.dumps(document) if left else ""
        left.difference_update([name for name in left if MARKS[name] in text])

    meet()
    assert left == set()
