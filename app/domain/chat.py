"""A chat completion as a caller asked for it."""

from typing import Any

import msgspec


class ChatRequest(msgspec.Struct, frozen=True):
    """A checked request. Made by `app.wire.openai.request.decode`.

    `document` stays as it was sent, with every unknown field and every number as written; the fields beside
    it are what Handrail itself reads. Nobody changes a document: `msgspec.structs.replace` with a new one.
    """

    document: dict[str, Any]
    model: str
    """As asked for: `@slug/model`, or a bare name."""
    stream: bool = False
    include_usage: bool = False
    """`stream_options.include_usage`: the caller wants the usage chunk."""
    strict: bool = True
    """Whether the answer must keep to OpenAI's vocabulary (`x-portkey-strict-open-ai-compliance`)."""
    timeout_s: float | None = None
    """Until the first byte of an answer; None: as long as the provider may take."""
