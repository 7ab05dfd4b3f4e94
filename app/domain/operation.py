"""What is asked of a provider: a chat completion, a completion of a prompt, vectors of texts.

The words are those of OpenTelemetry's `gen_ai.operation.name` (v1.41.1); they stand on record and in traces.
"""

import enum


class Operation(enum.StrEnum):
    """What an exchange is about."""

    CHAT = "chat"
    COMPLETION = "text_completion"
    """OpenAI's older kind: a prompt goes on."""
    EMBEDDINGS = "embeddings"

    @property
    def answers_in_words(self) -> bool:
        """Whether what comes back is text, which guardrails can hear."""
        return self is not Operation.EMBEDDINGS

    @property
    def request_type(self) -> str:
        """Return Portkey's word for it, by which configured checks know it."""
        return _PORTKEY[self]


_PORTKEY = {
    Operation.CHAT: "chatComplete",
    Operation.COMPLETION: "complete",
    Operation.EMBEDDINGS: "embed",
}
