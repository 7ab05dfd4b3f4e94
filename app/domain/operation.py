"""What is asked of a provider: a chat completion, a completion of a prompt, vectors of texts, or any path.

The words are those of OpenTelemetry's `gen_ai.operation.name` (v1.41.1) where it has one; they stand on
record and in traces.
"""

import enum


class Operation(enum.StrEnum):
    """What an exchange is about."""

    CHAT = "chat"
    COMPLETION = "text_completion"
    """OpenAI's older kind: a prompt goes on."""
    EMBEDDINGS = "embeddings"
    PROXY = "proxy"
    """Whatever a path says: passed on as it came, and read by nobody."""

    @property
    def answers_in_words(self) -> bool:
        """Whether what comes back is text, which guardrails can hear."""
        return self in {Operation.CHAT, Operation.COMPLETION}

    @property
    def request_type(self) -> str:
        """Return Portkey's word for it, by which configured checks know it."""
        return _PORTKEY[self]


_PORTKEY = {
    Operation.CHAT: "chatComplete",
    Operation.COMPLETION: "complete",
    Operation.EMBEDDINGS: "embed",
    Operation.PROXY: "proxy",
}
