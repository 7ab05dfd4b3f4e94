"""The head of an answer, and its counts: what a provider says about an answer beside what the answer says.

All of it may carry anything. What has one form only is held to that form; the rest is screened. An id that
looks as ids do is not: letters and digits by chance are a number of somebody's now and then, and no answer
shall be blocked for that.
"""

import re
from collections.abc import Mapping
from typing import Any

_ID = re.compile(r"[A-Za-z0-9_.:/+=-]{0,256}")
"""What an id may look like at all."""
_USUAL_ID = re.compile(
    r"(?:chatcmpl|cmpl|embd|gen|msg|resp|req|run|chat)[-_](?=[0-9-]*[A-Za-z])[0-9A-Za-z-]{1,64}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
)
"""Ids of OpenAI, Anthropic, OpenRouter, vLLM and others; bare UUIDs."""
_LATEST_S = 2**33
"""Of `created`: the year 2242."""
_MOST_COUNTED = 10**12
"""Tokens, or anything that a usage object counts; a card has more digits."""


def plain_head(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the head without a time that is none, and without an id that could be anything."""
    head = dict(fields)
    if "created" in head:
        created = head.pop("created")
        is_number = isinstance(created, int | float) and not isinstance(created, bool)
        if is_number and 0 <= created < _LATEST_S:
            head["created"] = int(created)
    if not _ID.fullmatch(str(head.get("id", ""))):
        del head["id"]
    return head


def is_usual_id(value: object) -> bool:
    """Return whether this is an id and nothing else."""
    return value is None or (isinstance(value, str) and _USUAL_ID.fullmatch(value) is not None)


def without_counts(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a usage object without its counts: what is left of it may say something."""
    if isinstance(value, dict):
        return {key: without_counts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_counts(item) for item in value]
    is_count = isinstance(value, int | float) and abs(value) < _MOST_COUNTED
    return None if is_count else value
