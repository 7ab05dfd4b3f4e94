"""What a caller asks of a model: a completion of a chat or of a text, or vectors of texts.

Its counterpart is `app.domain.proxying.Passed`: a request that goes on as it is, unread.
"""

from typing import Any

import msgspec

from app.domain.operation import Operation


class ModelRequest(msgspec.Struct, frozen=True):
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
    operation: Operation = Operation.CHAT
    unreadable: str | None = None
    """Where it holds tokens instead of texts, `input`: nobody here can read those."""
    timeout_s: float | None = None
    """Until the first byte of an answer; None: as long as the provider may take."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of the caller's, those that the provider is to get as well; they go behind our own."""
