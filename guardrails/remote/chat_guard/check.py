"""The `chat_guard` check: asks a guard model about a text.

    chat_guard:
      family: llama-guard
      url: http://guard:8000/v1
      model: meta-llama/Llama-Guard-4-12B
      categories: [hate, self_harm]

A user's turn is judged by itself, an answer together with the question. The model is asked at temperature 0
and its word is taken; with a `threshold` the probability that it gives to its word is what counts, and a
server that tells none fails the check: a stricter threshold must not become a laxer one unseen.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.remote.chat_guard.family import UNSAFE, Family, Hazard, Question
from guardrails.remote.chat_guard.granite_guardian import GraniteGuardian
from guardrails.remote.chat_guard.llama_guard import LlamaGuard
from guardrails.remote.chat_guard.qwen3_guard import Qwen3Guard
from guardrails.remote.chat_guard.shield_gemma import ShieldGemma
from guardrails.remote.context import turns
from guardrails.remote.finding import Unit, about
from guardrails.remote.model import Model, ModelSettings
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services
from guardrails.remote.together import together

_TOP_LOGPROBS = 5
"""As many as any server tells; a label that is not among them has next to no probability."""

_FAMILIES: Mapping[str, Callable[[], Family]] = MappingProxyType(
    {
        "granite-guardian": GraniteGuardian,
        "granite-guardian-3.2": lambda: GraniteGuardian("risk_name"),
        "llama-guard": LlamaGuard,
        "qwen3guard": Qwen3Guard,
        "shieldgemma": ShieldGemma,
    }
)


class ChatGuardConfig(ModelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which model is asked, and what counts of what it says."""

    family: Literal["granite-guardian", "granite-guardian-3.2", "llama-guard", "qwen3guard", "shieldgemma"]
    """How it is asked and read. `granite-guardian-3.2` is for 3.0 to 3.2."""
    categories: tuple[str, ...] | None = None
    """The harms that count, by rule; null for the standard ones of the family. What a model holds to be
    unsafe without a known reason always counts."""
    threshold: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    """How likely a harm must be; null: the model's word is taken, and no probabilities are asked for."""
    controversial: bool | None = None
    """`qwen3guard`: whether what it calls controversial counts; it does unless this is false."""
    unit: Unit = "sentence"
    """What stands before a sentence is put to the model together with it."""


class ChatGuardCheck:
    """Finds passages that a guard model holds to be harmful; a finding is all of the passage.

    Args:
        config: as decoded.
        family: its models.
        model: the one that is asked.
        questions: how it is asked.
    """

    kind = "chat_guard"
    redactable = True

    def __init__(self, config: ChatGuardConfig, family: Family, model: Model, questions: Questions) -> None:
        self.unit: Unit = config.unit
        self._family = family
        self._rules = family.standard if config.categories is None else config.categories
        self._threshold = config.threshold
        self._model = model
        self._questions = questions

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each harm.

        Raises:
            ServiceError: the model could not be asked, or said nothing that its family says.
        """
        if not passage.text.strip():
            return ()
        conversation = turns(passage)
        asked = self._family.questions(conversation, self._rules)
        seen = [passage.text, *(text for turn in conversation for text in (turn.role, turn.text))]

        async def ask() -> Sequence[Match]:
            return self._matches(await together(asked, self._asked), passage.text)

        return await self._questions.answer(seen, ask)

    async def _asked(self, question: Question) -> Sequence[Hazard]:
        scored = self._threshold is not None
        answer = await self._model.say(_body(question, scored=scored))
        return self._family.read(question, answer, scored=scored)

    def _matches(self, hazards: Sequence[Hazard], text: str) -> list[Match]:
        least = self._threshold or 0.0
        counted = {
            hazard.rule: hazard.score
            for hazard in sorted(hazards, key=lambda hazard: hazard.score)
            if hazard.score >= least and hazard.rule in {UNSAFE, *self._rules}
        }
        return [about(text, rule, score) for rule, score in counted.items()]


def build(config: object, path: str, services: Services) -> ChatGuardCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the category that the family does not know, or how the model must be named.
    """
    decoded = decode(ChatGuardConfig, config, path)
    family = _family(decoded, path)
    for index, rule in enumerate(decoded.categories or ()):
        if rule not in family.rules:
            known = ", ".join(family.rules)
            raise ConfigError(f"{path}.categories[{index}]", f"{decoded.family} knows {known}")
    if decoded.categories is not None and not decoded.categories:
        raise ConfigError(f"{path}.categories", "give at least one, or leave it out")
    model = Model(decoded, path, services)
    return ChatGuardCheck(decoded, family, model, Questions(decoded, services.key))


def _family(config: ChatGuardConfig, path: str) -> Family:
    if config.controversial is None:
        return _FAMILIES[config.family]()
    if config.family != "qwen3guard":
        raise ConfigError(f"{path}.controversial", "only qwen3guard calls anything controversial")
    return Qwen3Guard(controversial=config.controversial)


def _body(question: Question, *, scored: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": list(question.messages),
        "temperature": 0,
        "max_tokens": question.max_tokens,
    }
    if scored:
        body |= {"logprobs": True, "top_logprobs": _TOP_LOGPROBS}
    if question.template:
        body["chat_template_kwargs"] = question.template
    return body
