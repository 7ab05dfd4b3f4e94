"""The `counts` check: how much one request may be.

Characters are code points of all its texts, wherever they stand: messages, tools, metadata. Tokens are
estimated from UTF-8 bytes, 3.5 a token: English has about 4, code and other scripts fewer; no tokenizer is
asked. How long one text may be is the matter of `length`.
"""

import math
from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.decoding import ConfigError, decode

_BYTES_PER_TOKEN = 3.5
Count = Annotated[int, msgspec.Meta(ge=0)]


class CountsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """At least one is given."""

    max_messages: Count | None = None
    max_tools: Count | None = None
    max_images: Count | None = None
    max_files: Count | None = None
    """Documents and sound."""
    max_chars: Count | None = None
    max_tokens: Count | None = None
    """Estimated."""


class CountsCheck:
    """Finds that a request is more than it may be."""

    kind = "counts"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, config: CountsConfig) -> None:
        self._config = config

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return one remark a bound."""
        known, config = subject.conversation, self._config
        tools = len({tool.path.partition(".")[0] for tool in known.tools})  # one may have several names
        counted = (
            ("too_many_messages", "messages", config.max_messages, known.messages),
            ("too_many_tools", "tools", config.max_tools, tools),
            ("too_many_images", "messages", config.max_images, known.images),
            ("too_many_files", "messages", config.max_files, known.files),
        )
        remarks = [
            Remark(rule, path) for rule, path, most, there in counted if most is not None and there > most
        ]
        if config.max_chars is not None and _chars(subject) > config.max_chars:
            remarks.append(Remark("too_many_chars", "request"))
        if config.max_tokens is not None and _tokens(subject) > config.max_tokens:
            remarks.append(Remark("too_many_tokens", "request"))
        return remarks


def build(config: object, path: str) -> CountsCheck:
    """Build the check from its configuration."""
    decoded = decode(CountsConfig, config, path)
    if decoded == CountsConfig():
        raise ConfigError(path, f"give one of {', '.join(CountsConfig.__struct_fields__)}")
    return CountsCheck(decoded)


def _chars(subject: Subject) -> int:
    return sum(len(part.text) for part in subject.parts)


def _tokens(subject: Subject) -> int:
    length = sum(
        len(part.text) if part.text.isascii() else len(part.text.encode("utf-8", "surrogatepass"))
        for part in subject.parts
    )
    return math.ceil(length / _BYTES_PER_TOKEN)
