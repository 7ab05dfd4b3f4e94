"""What the package says of models that people use, field by field where formats depend on it."""

from typing import Any

import pytest

from app.catalogue.catalogue import Catalogue

CATALOGUE = Catalogue.load()
SAMPLING = ("temperature", "top_p", "top_k")


@pytest.mark.parametrize(
    ("kind", "model", "said"),
    [
        (
            "anthropic",
            "claude-3-haiku-20240307",
            {"thinking": "none", "max_output_tokens": 4096, "refused": ()},
        ),
        ("anthropic", "claude-3-7-sonnet-20250219", {"thinking": "budget", "structured_output": "tool"}),
        ("anthropic", "claude-opus-4-20250514", {"thinking": "budget", "max_output_tokens": 32000}),
        ("anthropic", "claude-sonnet-4-5", {"temperature_or_top_p": True, "structured_output": "native"}),
        ("anthropic", "claude-opus-4-6", {"thinking": "adaptive", "prefill": False, "refused": ()}),
        ("anthropic", "claude-opus-4-7", {"refused": SAMPLING, "system_in_turns": False}),
        (
            "anthropic",
            "claude-opus-4-8",
            {"refused": SAMPLING, "system_in_turns": True, "forced_tools": True},
        ),
        ("anthropic", "claude-fable-5-1", {"always_thinks": True, "forced_tools": False}),
        ("anthropic", "claude-haiku-5-5", {"always_thinks": False, "forced_tools": True}),
        ("anthropic", "claude-ode-7", {"thinking": "adaptive", "refused": SAMPLING}),
        ("vertex-anthropic", "claude-opus-4-5@20251101", {"thinking": "budget", "max_output_tokens": 64000}),
        (
            "bedrock",
            "us.anthropic.claude-sonnet-4-6-v1:0",
            {"structured_output": "native", "forced_tools": True},
        ),
        ("bedrock", "anthropic.claude-opus-5-5", {"structured_output": "tool", "forced_tools": False}),
        ("bedrock", "eu.amazon.nova-pro-v1:0", {"forced_tools": True, "thinking": "none", "vision": True}),
        ("bedrock", "amazon.nova-micro-v1:0", {"vision": False, "documents": False}),
        ("bedrock", "amazon.nova-2-lite-v1:0", {"thinking": "level"}),
        (
            "bedrock",
            "meta.llama3-3-70b-instruct-v1:0",
            {"forced_tools": False, "text_with_tool_results": False},
        ),
        ("gemini", "gemini-2.0-flash", {"thinking": "none", "strict_tools": False}),
        ("gemini", "models/gemini-2.5-flash", {"thinking": "budget", "always_thinks": False}),
        ("gemini", "gemini-2.5-pro", {"always_thinks": True, "structured_output_with_tools": False}),
        ("vertex-ai", "gemini-3-pro-preview", {"thinking": "level", "efforts": ("low", "high")}),
        ("gemini", "gemini-3.6-flash", {"refused": SAMPLING, "audio": True}),
        ("openai", "gpt-4o", {"refused": (), "efforts": None}),
        ("openai", "gpt-5-mini", {"efforts": ("minimal", "low", "medium", "high"), "always_thinks": True}),
        (
            "openai",
            "gpt-5.2",
            {"refused_while_thinking": ("temperature", "top_p", "logprobs", "top_logprobs")},
        ),
        ("openai", "gpt-5-chat-latest", {"refused": (), "efforts": ("medium",)}),
        ("azure-openai", "o3-mini", {"vision": False, "efforts": ("low", "medium", "high")}),
        ("openai-compatible", "claude-3.5-sonnet", {"thinking": "none", "refused": ()}),
        ("openrouter", "anthropic/claude-3.7-sonnet", {"thinking": "budget", "max_output_tokens": 64000}),
        ("openrouter", "anthropic/claude-opus-4.5", {"thinking": "budget", "structured_output": "native"}),
        ("openrouter", "anthropic/claude-opus-4.7", {"thinking": "adaptive", "refused": SAMPLING}),
        ("openrouter", "openai/gpt-oss-120b", {"efforts": ("low", "medium", "high")}),
        ("mistral", "mistral-medium-latest", {"efforts": ("none", "high")}),
        ("mistral", "mistral-large-2512", {"efforts": ()}),
        ("xai", "grok-4.3", {"efforts": ("none", "low", "medium", "high")}),
        ("xai", "grok-4-0709", {"efforts": ()}),
        ("xai", "grok-4.5", {"efforts": ("low", "medium", "high")}),
        ("moonshot", "kimi-k2-0905-preview", {"vision": False}),
        ("moonshot", "kimi-k2.5", {"vision": True}),
        ("xai", "grok-4.20-0309-non-reasoning", {"efforts": (), "refused": ()}),
        ("x-ai", "grok-3-mini-fast", {"efforts": ("low", "high")}),
        ("groq", "qwen/qwen3-32b", {"efforts": ("none", "default")}),
        ("deepseek", "deepseek-chat", {"vision": False}),
        ("cohere", "command-r-plus-08-2024", {"forced_tools": False, "thinking": "none"}),
        ("cohere", "command-a-reasoning-08-2025", {"thinking": "budget"}),
    ],
)
def test_the_package_knows_a_model(kind: str, model: str, said: dict[str, Any]) -> None:
    abilities = CATALOGUE.abilities(kind, model)
    assert {name: getattr(abilities, name) for name in said} == said


def test_sampling_of_reasoning_models_is_refused_by_openai() -> None:
    refused = {"temperature", "top_p", "logprobs", "max_tokens"}
    assert refused <= set(CATALOGUE.abilities("openai", "o3").refused)
    assert refused <= set(CATALOGUE.abilities("openai", "gpt-5.5").refused)
