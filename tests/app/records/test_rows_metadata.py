"""The metadata of an exchange as its column holds them."""

import json
from typing import Literal

import pytest

from app.records.rows import Capture, rows_of
from guardrails import Side
from tests.exchanges import exchange, finding, request, verdict

SECRET = "sk-canary-0123456789"
AS_IT_WAS = Capture("full", str)


def hide(text: str) -> str:
    return text.replace(SECRET, "[SECRET]")


@pytest.mark.parametrize("content", ["redacted", "none"])
def test_what_was_found_in_the_bodys_metadata_is_hidden_in_the_column(
    content: Literal["redacted", "none"],
) -> None:
    metadata = {"mail": "ada@a.example"}
    record = exchange(
        metadata=metadata,
        request=request("hi", metadata=metadata),
        verdicts=(verdict(Side.INPUT, finding("metadata.mail", 0, 13)),),
    )
    assert rows_of(record, Capture(content, str)).exchanges[0]["metadata"] == '{"mail":"[EMAIL]"}'


def test_findings_in_the_bodys_metadata_do_not_touch_those_of_the_header() -> None:
    record = exchange(
        metadata={"team": "blue"},
        request=request("hi", metadata={"mail": "ada@a.example"}),
        verdicts=(verdict(Side.INPUT, finding("metadata.mail", 0, 13)),),
    )
    assert rows_of(record, Capture("redacted", str)).exchanges[0]["metadata"] == '{"team":"blue"}'


def test_metadata_too_long_for_its_column_stays_json_and_keeps_what_fits() -> None:
    record = exchange(metadata={"a": "x", "long": "y" * 20_000, "_user": "u-1"})
    assert rows_of(record, AS_IT_WAS).exchanges[0]["metadata"] == '{"a":"x","_user":"u-1"}'
    record = exchange(metadata={f"{i:04}": "é" * 9 for i in range(2000)})
    written = str(rows_of(record, AS_IT_WAS).exchanges[0]["metadata"])
    assert 16_300 < len(written) <= 16_384
    json.loads(written)
