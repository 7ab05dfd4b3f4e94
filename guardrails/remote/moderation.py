"""The `moderation` check: what a moderation service in OpenAI's shape says about a text.

    moderation: {url: https://api.openai.com/v1, api_key: "${OPENAI_API_KEY}", thresholds: {violence: 0.4}}

The service is asked `POST /moderations` with `{model, input}` and answers, per input, `flagged`, `categories`
(whether each is met) and `category_scores` (0 to 1); OpenAI's API reference, "Moderations", 2026-11. Others
speak the same. Where a category has a threshold its score decides, elsewhere the service does. A category
that is configured and that the service does not know is an error, lest a slip of the pen pass everything.
Images are not sent: parts are texts.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.finding import Unit, about
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings

_FLAGGED = "flagged"
"""The rule where a service flags a text and names no category."""


class ModerationConfig(ServiceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked, and what counts."""

    url: str = "https://api.openai.com/v1"
    model: str | None = "omni-moderation-latest"
    """None: the service has only one."""
    categories: tuple[str, ...] | None = None
    """Only these count; None: all."""
    thresholds: dict[str, Annotated[float, msgspec.Meta(ge=0, le=1)]] = msgspec.field(default_factory=dict)
    """Category to the score from which on it counts, whatever the service makes of it."""
    unit: Unit = "sentence"


class _Result(msgspec.Struct):
    flagged: bool
    categories: dict[str, bool | None] = {}
    category_scores: dict[str, float | None] = {}


class _Answer(msgspec.Struct):
    results: list[_Result]


class ModerationCheck:
    """Finds what a moderation service objects to; a match is the whole passage.

    Args:
        config: who is asked.
        path: of the configuration, for errors.
        services: what it asks by.
    """

    kind = "moderation"
    redactable = True

    def __init__(self, config: ModerationConfig, path: str, services: Services) -> None:
        self.unit: Unit = config.unit
        self._model = {} if config.model is None else {"model": config.model}
        self._thresholds = config.thresholds
        self._categories = None if config.categories is None else frozenset(config.categories)
        self._endpoint = Endpoint(config, path, services.send, route="/moderations")
        self._questions = Questions(config, services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each category that is met, the surest first."""
        text = passage.text
        if not text.strip():
            return ()
        return await self._questions.answer((text,), lambda: self._asked(text))

    async def _asked(self, text: str) -> Sequence[Match]:
        answer = await self._endpoint.ask({**self._model, "input": text}, _Answer)
        if len(answer.results) != 1:
            raise UnsoundAnswer("has not one result for one text")
        met = self._met(answer.results[0])
        return [about(text, category, score) for category, score in sorted(met.items(), key=_surest)]

    def _met(self, result: _Result) -> Mapping[str, float]:
        met: dict[str, float] = {}
        known = dict.fromkeys((*result.categories, *result.category_scores))
        if not known.keys() >= {*self._thresholds, *(self._categories or ())}:
            raise UnsoundAnswer("does not know a category that is configured")
        for category in known:
            score = result.category_scores.get(category)
            threshold = self._thresholds.get(category)
            if threshold is not None and score is not None:
                is_met = score >= threshold
            else:
                is_met = bool(result.categories.get(category))
            if is_met and (self._categories is None or category in self._categories):
                met[category] = 1.0 if score is None else score
        names_none = not any(result.categories.values())
        if result.flagged and names_none and self._categories is None and not self._thresholds:
            met.setdefault(_FLAGGED, 1.0)
        return met


def build(config: object, path: str, services: Services) -> ModerationCheck:
    """Build the check from its configuration."""
    decoded = decode(ModerationConfig, config, path)
    if decoded.categories is not None:
        if not decoded.categories:
            raise ConfigError(f"{path}.categories", "give at least one, or leave it out for all")
        for category in decoded.thresholds:
            if category not in decoded.categories:
                raise ConfigError(f"{path}.thresholds.{category}", "is not among categories")
    return ModerationCheck(decoded, path, services)


def _surest(met: tuple[str, float]) -> tuple[float, str]:
    return -met[1], met[0]
