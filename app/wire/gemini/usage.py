"""Gemini's token counts as OpenAI's `usage`, its log probabilities as OpenAI's.

Thoughts are not among the candidates' tokens, tool use is not among the prompt's, what was cached is
(google-genai 3.4 `GenerateContentResponseUsageMetadata`). Zeros are not said in protobuf's JSON.
"""

from typing import Any

from app.wire.usage import token_count, tokens_together, usage_fields

_MODALITIES = {
    "AUDIO": "audio_tokens",
    "IMAGE": "image_tokens",
    "TEXT": "text_tokens",
    "VIDEO": "video_tokens",
}
_TIERS = {
    "ON_DEMAND": "default",
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    "PROVISIONED_THROUGHPUT": "scale",
}
"""OpenAI's `service_tier` for Google's `trafficType`."""


def usage_of(counted: dict[str, Any]) -> dict[str, Any]:
    """Return OpenAI's usage for a `usageMetadata`."""
    prompt = tokens_together(counted.get("promptTokenCount"), counted.get("toolUsePromptTokenCount"))
    thoughts = counted.get("thoughtsTokenCount")
    answer = tokens_together(counted.get("candidatesTokenCount"), thoughts)
    if answer is None and prompt is not None:
        total = token_count(counted.get("totalTokenCount"))
        answer = max(total - prompt, 0) if total is not None else 0
    return usage_fields(
        prompt=prompt,
        completion=answer,
        cached=counted.get("cachedContentTokenCount"),
        reasoning=thoughts,
        prompt_details=_by_modality(counted.get("promptTokensDetails")),
        completion_details=_by_modality(counted.get("candidatesTokensDetails")),
    )


def service_tier(counted: dict[str, Any]) -> str | None:
    """Return OpenAI's word for how the request was served, None if Google did not say it."""
    return _TIERS.get(str(counted.get("trafficType")))


def logprobs_of(result: object) -> dict[str, Any] | None:
    """Return a choice's `logprobs` for a `logprobsResult`, None if it holds none."""
    chosen = result.get("chosenCandidates") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(chosen, list) or not chosen:
        return None
    tops = result.get("topCandidates")
    tops = tops if isinstance(tops, list) else []
    content = []
    for place, token in enumerate(chosen):
        others = (
            tops[place].get("candidates") if place < len(tops) and isinstance(tops[place], dict) else None
        )
        content.append({**_token(token), "top_logprobs": [_token(other) for other in others or ()]})
    return {"content": content, "refusal": None}


def _token(said: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    token = str(said.get("token") or "") if isinstance(said, dict) else ""
    logprob = said.get("logProbability") if isinstance(said, dict) else None
    return {
        "token": token,
        "logprob": logprob if isinstance(logprob, int | float) else 0.0,
        "bytes": list(token.encode("utf-8", "replace")),
    }


def _by_modality(details: object) -> dict[str, Any]:
    counts: dict[str, Any] = {}
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("modality") in _MODALITIES:
            counts[_MODALITIES[detail["modality"]]] = detail.get("tokenCount")
    return counts
