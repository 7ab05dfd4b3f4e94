"""Which model of a kind is asked for a feature: one that has it, where there is one."""

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


def model_for(kind: str, feature: str) -> str:
    """Return the name of a model.

    Args:
        kind: of the catalogue.
        feature: of `tests.features.cases.FEATURES`.
    """
    if feature.startswith("image") and kind in _SEEING:
        return _SEEING[kind]
    return _MODELS.get(kind, "model-1")
