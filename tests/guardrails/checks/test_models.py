"""Models that may be asked, and models that may not."""

import pytest

from guardrails import Conversation
from guardrails.config import ConfigError, guardrail
from tests.guardrails.checks.examining import examiner, faults


@pytest.mark.parametrize(
    ("config", "model", "target", "fault"),
    [
        ({"allow": ["gpt-4o*"]}, "gpt-4o-mini", "", None),
        ({"allow": ["gpt-4o*"]}, "@openai/gpt-4o-mini", "", None),
        ({"allow": ["@openai/*"]}, "@openai/gpt-4o-mini", "", None),
        ({"allow": ["gpt-4o"]}, "@openai/GPT-4O", "@openai/gpt-4o", None),
        ({"allow": ["gpt-4o"]}, "gpt-4o-mini", "", "not_allowed"),
        ({"allow": ["gpt-4o"]}, "gpt-4o", "@openai/gpt-5", "not_allowed"),
        ({"allow": ["gpt-4o"]}, "my-gpt-4o", "", "not_allowed"),
        ({"allow": []}, "gpt-4o", "", "not_allowed"),
        ({"deny": ["*preview*"]}, "o1-preview-2024", "", "denied"),
        ({"deny": ["*preview*"]}, "o1", "@openai/o1-preview", "denied"),
        ({"deny": ["@azure/*"]}, "gpt-4o", "@azure/gpt-4o", "denied"),
        ({"deny": ["@azure/*"]}, "gpt-4o", "@openai/gpt-4o", None),
        ({"allow": ["*"], "deny": ["o1"]}, "o1", "", "denied"),
        ({"deny": ["llama*"]}, "@together/meta/llama-3", "", None),
        ({"deny": ["meta/llama*"]}, "@together/meta/llama-3", "", "denied"),
    ],
)
def test_a_model_may_be_asked_or_not(
    config: dict[str, object], model: str, target: str, fault: str | None
) -> None:
    said = faults(examiner("models", config), Conversation(model=model, target=target))
    assert said == ([] if fault is None else [(fault, "model")])


@pytest.mark.parametrize("kind", ["models", "request_types"])
@pytest.mark.parametrize(
    ("config", "path"), [({}, ""), ({"allow": ["a", ""]}, ".allow[1]"), ({"deny": [""]}, ".deny[0]")]
)
def test_a_list_that_says_nothing_is_refused(kind: str, config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        examiner(kind, config)
    assert caught.value.path == f"guardrails.any.checks[0].{kind}{path}"


@pytest.mark.parametrize("kind", ["models", "request_types"])
def test_it_is_about_requests(kind: str) -> None:
    with pytest.raises(ConfigError, match="let the guardrail be on input"):
        guardrail("g", {"checks": [{kind: {"deny": ["x"]}}], "action": "block", "on": ["output"]})


def test_it_redacts_nothing() -> None:
    with pytest.raises(ConfigError, match="no characters to redact"):
        guardrail("g", {"checks": [{"models": {"deny": ["x"]}}], "action": "redact"})
