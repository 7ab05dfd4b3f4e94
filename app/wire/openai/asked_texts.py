"""What completions and vectors are asked of: texts, or tokens that stand for texts.

From the `openai` SDK 3.54 (`completion_create_params`, `embedding_create_params`), 2026-11. As in
`shapes.py`, nothing is built from these shapes, and what nobody documented passes.

OpenAI takes arrays of tokens in place of texts. They can go to a provider, but no guardrail here can read
them: which words they are only the model's tokenizer knows.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Struct

from app.domain.errors import InvalidRequest
from app.wire.openai.shapes import Flag, NonEmpty, Number, StreamOptions, Text


class EmbeddingsShape(Struct, kw_only=True):
    """A request for vectors."""

    model: NonEmpty
    input: str | list[Any]
    encoding_format: Text = None
    dimensions: Annotated[int, msgspec.Meta(ge=1)] | None = None
    user: Text = None


class CompletionShape(Struct, kw_only=True):
    """A request that lets a prompt go on."""

    model: NonEmpty
    prompt: str | list[Any] | None
    best_of: int | None = None
    echo: Flag = None
    frequency_penalty: Number | None = None
    logit_bias: dict[str, Number] | None = None
    logprobs: int | None = None
    max_tokens: int | None = None
    n: int | None = None
    presence_penalty: Number | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    suffix: Text = None
    temperature: Number | None = None
    top_p: Number | None = None
    user: Text = None


def require_encoding(shape: EmbeddingsShape) -> None:
    """Make sure that vectors are wanted in a form that there is.

    Raises:
        InvalidRequest: they are not.
    """
    if shape.encoding_format not in {None, "float", "base64"}:
        raise InvalidRequest("`encoding_format` must be float or base64.", param="encoding_format")


def tokens_in(document: dict[str, Any], name: str) -> str | None:
    """Return where a request holds tokens: `input`, `input[1]`; None: it holds texts only.

    Raises:
        InvalidRequest: it holds neither.
    """
    asked = document.get(name)
    if asked is None or isinstance(asked, str):
        return None
    assert isinstance(asked, list), "its shape has been checked"
    if not asked:
        raise InvalidRequest(f"`{name}` must not be empty.", param=name)
    if all(map(_is_token, asked)):
        return name
    first: str | None = None
    for i, one in enumerate(asked):
        if isinstance(one, str):
            continue
        path = f"{name}[{i}]"
        if not (isinstance(one, list) and one and all(map(_is_token, one))):
            raise InvalidRequest(f"`{path}` must be a text, or an array of tokens.", param=path)
        first = first or path
    return first


def _is_token(value: object) -> bool:
    return type(value) is int and value >= 0
