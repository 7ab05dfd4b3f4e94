import re
from pathlib import Path

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, process_attributes
from opentelemetry.semconv.attributes import (
    error_attributes,
    http_attributes,
    server_attributes,
    service_attributes,
    url_attributes,
)

from telemetry import names

CONSTANTS = {name: value for name, value in vars(names).items() if name.isupper()}
STABLE = {
    value
    for module in (
        error_attributes,
        http_attributes,
        server_attributes,
        service_attributes,
        url_attributes,
        process_attributes,
    )
    for value in vars(module).values()
    if isinstance(value, str)
}
NEWER = {"GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS"}
"""Of the text after the wheel's."""


def test_what_is_newer_than_the_wheel_is_not_in_it_yet() -> None:
    assert not [name for name in NEWER if hasattr(gen_ai_attributes, name)]


@pytest.mark.parametrize(
    "name", sorted(name for name in CONSTANTS if name.startswith("GEN_AI_") and name not in NEWER)
)
def test_a_gen_ai_name_is_the_one_of_the_semantic_conventions_wheel(name: str) -> None:
    assert CONSTANTS[name] == getattr(gen_ai_attributes, name)


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_every_name_is_ours_or_of_a_convention(name: str) -> None:
    value = CONSTANTS[name]

    if name.startswith(("KIND_", "OPERATION_")) or name == "OPENINFERENCE_GUARDRAIL":
        assert value in {"server", "client", "internal", "chat", "GUARDRAIL"}
    else:
        ours = re.fullmatch(r"handrail(\.[a-z_]+)+", value)
        assert ours or value.startswith(("gen_ai.", "openinference.")) or value in STABLE


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_every_name_is_used(name: str) -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [path for top in ("app", "telemetry") for path in (root / top).rglob("*.py")]
    used = re.compile(rf"\bnames\.{name}\b")
    inside = len(re.findall(rf"\b{name}\b", (root / "telemetry/names.py").read_text(encoding="utf-8"))) > 1
    assert inside or any(used.search(path.read_text(encoding="utf-8")) for path in sources)


def test_no_two_constants_are_the_same_name() -> None:
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


def test_span_names_follow_the_conventions() -> None:
    assert names.server_span("POST", "/v1/chat/completions") == "POST /v1/chat/completions"
    assert names.attempt_span("chat", "gpt-4o-mini") == "chat gpt-4o-mini"
    assert names.guardrail_span("no-secrets") == "guardrail no-secrets"
