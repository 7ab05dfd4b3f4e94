"""The `bedrock_guardrail` check: a guardrail of Amazon Bedrock, asked by ApplyGuardrail.

    bedrock_guardrail: {guardrail: gr7xq1t0abcd, version: "3", region: eu-central-1}

What is asked and answered are the shapes of `bedrock-runtime` in botocore's service model; requests are
signed by AWS's own chain of credentials (`Request.aws`). What a model said is judged as OUTPUT, all else as
INPUT.

What the guardrail blocked or masked is a finding; what it was told only to detect is none. Bedrock quotes
the words that a word filter, an entity or a pattern matched, so those findings have their places and can be
redacted; topics, content filters and grounding are about the whole passage. The action of the Handrail
guardrail decides what becomes of either: BLOCKED and ANONYMIZED are Bedrock's words for its own.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import quote

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import decode
from guardrails.remote.context import is_answer
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.finding import Unit, about
from guardrails.remote.questions import Questions
from guardrails.remote.quoted import quoted
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import RemoteSettings, ServiceSettings

_SERVICE = "bedrock"
"""The name that requests to bedrock-runtime are signed for (its signingName)."""
_INTERVENED = "GUARDRAIL_INTERVENED"
_PASSED = "NONE"
_ACTED = frozenset({"BLOCKED", "ANONYMIZED"})
_CONFIDENCE = {"LOW": 1 / 3, "MEDIUM": 2 / 3, "HIGH": 1.0}
"""Bedrock's three degrees, evenly apart."""
_UNNAMED = "intervened"
"""The rule of what no assessment explains."""


class BedrockGuardrailConfig(RemoteSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which guardrail is asked."""

    guardrail: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
    """Its id or ARN."""
    version: Annotated[str, msgspec.Meta(pattern=r"^(?:[1-9][0-9]{0,7}|DRAFT)\Z")]
    region: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
    url: str | None = None
    """Of a VPC endpoint; null for the region's own."""
    unit: Unit = "text"
    """Bedrock charges by the thousand characters, begun ones counted in full."""


class _Item(msgspec.Struct, frozen=True):
    """One thing an assessment names; each policy fills in some of this."""

    action: str
    name: str | None = None
    type: str | None = None
    match: str | None = None
    confidence: str | None = None


class _Topics(msgspec.Struct, frozen=True):
    topics: tuple[_Item, ...] = ()


class _Filters(msgspec.Struct, frozen=True):
    filters: tuple[_Item, ...] = ()


class _Words(msgspec.Struct, frozen=True, rename="camel"):
    custom_words: tuple[_Item, ...] = ()
    managed_word_lists: tuple[_Item, ...] = ()


class _Sensitive(msgspec.Struct, frozen=True, rename="camel"):
    pii_entities: tuple[_Item, ...] = ()
    regexes: tuple[_Item, ...] = ()


class _Assessment(msgspec.Struct, frozen=True, rename="camel"):
    topic_policy: _Topics = _Topics()
    content_policy: _Filters = _Filters()
    word_policy: _Words = _Words()
    sensitive_information_policy: _Sensitive = _Sensitive()
    contextual_grounding_policy: _Filters = _Filters()


class _Answer(msgspec.Struct, frozen=True):
    action: str
    assessments: tuple[_Assessment, ...] = ()


class BedrockGuardrailCheck:
    """Finds what a guardrail of Bedrock intervenes for.

    Args:
        config: which guardrail.
        path: of the configuration, for errors.
        services: how it is asked.
    """

    kind = "bedrock_guardrail"
    redactable = True

    def __init__(self, config: BedrockGuardrailConfig, path: str, services: Services) -> None:
        self.unit: Unit = config.unit
        place = config.url or f"https://bedrock-runtime.{config.region}.amazonaws.com"
        route = f"/guardrail/{quote(config.guardrail, safe='')}/version/{config.version}/apply"
        self._endpoint = Endpoint(
            ServiceSettings(url=place), path, services.send, route=route, aws=(_SERVICE, config.region)
        )
        self._questions = Questions(config, services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each thing it intervenes for.

        Raises:
            ServiceError: it could not be asked, or answered something else.
        """
        text = passage.text
        if not text.strip():
            return ()
        source = "OUTPUT" if is_answer(passage.part) else "INPUT"

        async def ask() -> Sequence[Match]:
            body = {"source": source, "content": [{"text": {"text": text}}]}
            return _matches(await self._endpoint.ask(body, _Answer), text)

        return await self._questions.answer((source, text), ask)


def build(config: object, path: str, services: Services) -> BedrockGuardrailCheck:
    """Build the check from its configuration."""
    return BedrockGuardrailCheck(decode(BedrockGuardrailConfig, config, path), path, services)


def _matches(answer: _Answer, text: str) -> Sequence[Match]:
    if answer.action == _PASSED:
        return ()
    if answer.action != _INTERVENED:
        raise UnsoundAnswer("has an action that ApplyGuardrail does not know")
    found = [
        match
        for assessment in answer.assessments
        for item in _items(assessment)
        if item.action in _ACTED
        for match in _places(item, text)
    ]
    return sorted(set(found), key=_place) or [about(text, _UNNAMED)]


def _items(assessment: _Assessment) -> Iterator[_Item]:
    yield from assessment.topic_policy.topics
    yield from assessment.content_policy.filters
    yield from assessment.word_policy.custom_words
    yield from assessment.word_policy.managed_word_lists
    yield from assessment.sensitive_information_policy.pii_entities
    yield from assessment.sensitive_information_policy.regexes
    yield from assessment.contextual_grounding_policy.filters


def _places(item: _Item, text: str) -> Sequence[Match]:
    # A topic has a name beside its type, which is DENY for all; a word of the operator's has neither.
    label = item.name or item.type or "word"
    score = _CONFIDENCE.get(item.confidence or "", 1.0)
    return [about(text, label, score)] if item.match is None else quoted(text, item.match, label, score)


def _place(match: Match) -> tuple[int, int, str]:
    return match.start, match.end, match.rule
