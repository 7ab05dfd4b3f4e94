"""Types of requests that may be made."""

import pytest

from guardrails import Conversation
from tests.guardrails.checks.examining import examiner, faults


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"allow": ["chatComplete"]}, None),
        ({"allow": ["CHATCOMPLETE"]}, None),
        ({"allow": ["embed", "complete"]}, "not_allowed"),
        ({"deny": ["chat*"]}, "denied"),
        ({"deny": ["embed"]}, None),
    ],
)
def test_a_type_of_request_is_allowed_or_not(config: dict[str, object], fault: str | None) -> None:
    said = faults(examiner("request_types", config), Conversation(request_type="chatComplete"))
    assert said == ([] if fault is None else [(fault, "request")])
