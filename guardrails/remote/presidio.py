"""The `presidio` check: personal data that Presidio's analyzer finds, names and places among them.

    presidio: {url: "http://presidio:3000", entities: [PERSON, LOCATION], threshold: 0.6}

The analyzer is asked `POST /analyze` with `{text, language, entities, score_threshold}` and answers a list of
`{entity_type, start, end, score}` (Presidio's API reference, 2.2, 2026-11). It is a Python service: its
offsets are code points, as ours are. What it finds can be redacted.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.finding import Unit, bounded, rule
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings


class PresidioConfig(ServiceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked, and about what."""

    entities: tuple[str, ...] | None = None
    """As Presidio calls them: `PERSON`, `LOCATION`; None: all that it knows."""
    language: str = "en"
    """Of the texts; Presidio must have been set up for it."""
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """The score from which on a finding counts."""
    unit: Unit = "sentence"


class _Found(msgspec.Struct):
    entity_type: str
    start: int
    end: int
    score: float


class PresidioCheck:
    """Finds what Presidio does, rule by entity: `person`.

    Args:
        config: who is asked.
        path: of the configuration, for errors.
        services: what it asks by.
    """

    kind = "presidio"
    redactable = True

    def __init__(self, config: PresidioConfig, path: str, services: Services) -> None:
        self.unit: Unit = config.unit
        self._threshold = config.threshold
        self._about = {"language": config.language, "score_threshold": config.threshold}
        if config.entities is not None:
            self._about["entities"] = list(config.entities)
        self._endpoint = Endpoint(config, path, services.send, route="/analyze")
        self._questions = Questions(config, services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each finding, in order of the text."""
        text = passage.text
        if not text.strip():
            return ()
        return await self._questions.answer((text,), lambda: self._asked(text))

    async def _asked(self, text: str) -> Sequence[Match]:
        answer = await self._endpoint.ask({**self._about, "text": text}, list[_Found])
        for found in answer:
            if not 0 <= found.start < found.end <= len(text):
                raise UnsoundAnswer("found something outside of the text")
        matches = [
            Match(rule(found.entity_type), found.start, found.end, score=bounded(found.score))
            for found in answer
            if not found.score < self._threshold
        ]
        return sorted(matches, key=lambda match: (match.start, match.end))


def build(config: object, path: str, services: Services) -> PresidioCheck:
    """Build the check from its configuration."""
    decoded = decode(PresidioConfig, config, path)
    if decoded.entities is not None and not decoded.entities:
        raise ConfigError(f"{path}.entities", "give at least one, or leave it out for all")
    return PresidioCheck(decoded, path, services)
