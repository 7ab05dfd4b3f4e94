"""Which model of a kind is asked for a feature: one that has it, where there is one; and others."""

_MODELS = {
    "anthropic": "claude-sonnet-4-6",
    "azure-openai": "our-gpt",
    "bedrock": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cerebras": "gpt-oss-120b",
    "cohere": "command-a-plus-05-2026",
    "dashscope": "qwen3-vl-plus",
    "deepseek": "deepseek-v4-flash",
    "gemini": "gemini-3-flash-preview",
    "groq": "openai/gpt-oss-120b",
    "mistral": "mistral-medium-latest",
    "moonshot": "kimi-k3",
    "openai": "gpt-5.4",
    "openrouter": "moonshotai/kimi-k3",
    "perplexity": "sonar-reasoning-pro",
    "vertex-ai": "gemini-3-flash-preview",
    "vertex-anthropic": "claude-sonnet-4-6",
    "xai": "grok-4.5",
    "z-ai": "glm-5.3-flash",
    "zhipu": "glm-5.3-flash",
}
_SEEING = {"groq": "meta-llama/llama-4-maverick", "cerebras": "llama-4-maverick"}
BASE_MODELS = {"our-gpt": "gpt-5.4"}
"""What stands behind the deployments of Azure that are asked."""

_BY_TOOL = {"JSON schema": "emulated", "JSON mode": "emulated"}
_BLIND = {"image (base64)": "refused", "image (URL)": "refused"}
OTHERS: dict[tuple[str, str], dict[str, str]] = {
    ("anthropic", "claude-3-5-haiku-20241022"): {**_BY_TOOL, "reasoning": "left out"},
    ("anthropic", "claude-3-7-sonnet-20250219"): _BY_TOOL,
    ("anthropic", "claude-opus-5-5"): {"forced tool": "refused", "JSON mode": "emulated"},
    ("bedrock", "us.amazon.nova-2-lite-v1:0"): _BY_TOOL,
    ("bedrock", "us.meta.llama3-3-70b-instruct-v1:0"): {
        **_BY_TOOL,
        **_BLIND,
        "forced tool": "refused",
        "reasoning": "left out",
    },
    ("bedrock", "openai.gpt-5.5"): {**_BY_TOOL, "forced tool": "refused"},
    ("gemini", "gemini-2.0-flash"): {"reasoning": "left out"},
    ("vertex-ai", "gemini-2.5-pro"): {},
    ("cohere", "command-r-plus-08-2024"): {**_BLIND, "forced tool": "refused", "reasoning": "left out"},
    ("mistral", "codestral-latest"): {**_BLIND, "reasoning": "left out"},
    ("deepseek", "deepseek-chat"): {**_BLIND, "JSON schema": "emulated"},
    ("openai", "gpt-4o"): {},
}
"""Models that differ from those of the table: what they have otherwise than with a plain `yes`."""


def model_for(kind: str, feature: str) -> str:
    """Return the name of a model.

    Args:
        kind: of the catalogue.
        feature: of `tests.features.cases.FEATURES`.
    """
    if feature.startswith("image") and kind in _SEEING:
        return _SEEING[kind]
    return _MODELS.get(kind, "model-1")
