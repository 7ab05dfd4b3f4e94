"""What Bedrock counts, as OpenAI's `usage`."""

from typing import Any

from app.wire.usage import token_count, tokens_together, usage_fields


def usage_of(usage: object) -> dict[str, Any]:
    """Return OpenAI's usage.

    Claude's `inputTokens` leave out what the cache gave or took, others' do not; `totalTokens` tells.
    """
    if not isinstance(usage, dict):
        return {}
    read, written = usage.get("cacheReadInputTokens"), usage.get("cacheWriteInputTokens")
    prompt, completion = tokens_together(usage.get("inputTokens"), read, written), usage.get("outputTokens")
    total, answered = token_count(usage.get("totalTokens")), token_count(completion)
    if total is not None and answered is not None and total >= answered and total != (prompt or 0) + answered:
        prompt = total - answered
    return usage_fields(prompt=prompt, completion=completion, cached=read, cache_write=written)
