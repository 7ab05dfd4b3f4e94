"""Names of models on Bedrock: who made one, and how it stands in a path.

    anthropic.claude-sonnet-4-5-20250929-v1:0                          a model
    us.amazon.nova-pro-v1:0, global.anthropic...                       a profile over several regions
    arn:aws:bedrock:us-east-1::foundation-model/meta.llama4-...        the same by ARN
    arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2   says nothing about the maker

(Bedrock User Guide, "Supported foundation models" and "Inference profiles", 2026-11.)
"""

import re
from functools import lru_cache
from urllib.parse import quote

from app.domain.errors import InvalidRequest

MAX_ID = 2048
"""Characters (service model of bedrock-runtime 2023-09-30, `ConversationalModelId`)."""
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:-]|/(?!\.{1,2}(?:/|\Z)))*")
"""Everything that `ConversationalModelId` allows, but no steps of a path: `a/../b`."""
_KEPT = 1024
"""Paths of models that are made once; a name that is none is not kept."""
_MAKERS = frozenset(
    "ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot moonshotai nvidia "
    "openai qwen stability twelvelabs writer zai".split()
)


def family(model: str) -> str:
    """Return who made the model: `anthropic`, `amazon.nova`, `meta`, ...; empty if its name does not say."""
    name = model.rpartition("/")[2] if model.startswith("arn:") else model
    words = name.split(".")
    for place, word in enumerate(words[:2]):  # the first may be a region: `us`, `eu`, `apac`, `global`
        if word in _MAKERS and place + 1 < len(words):
            is_nova = word == "amazon" and words[place + 1].startswith("nova")
            return "amazon.nova" if is_nova else word
    return ""


@lru_cache(_KEPT)
def path(model: str, *, stream: bool) -> str:
    """Return where the model is asked, below the base URL; `:` and `/` of its id are percent-encoded.

    Raises:
        InvalidRequest: it cannot be the id of a model.
    """
    if len(model) > MAX_ID or _ID.fullmatch(model) is None:
        raise InvalidRequest("`model` is no model id of Bedrock.", param="model")
    return f"model/{quote(model, safe='')}/{'converse-stream' if stream else 'converse'}"
