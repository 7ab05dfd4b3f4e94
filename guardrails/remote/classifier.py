"""The `classifier` check: a text classifier behind vLLM, text-embeddings-inference or KServe.

    classifier: {url: "http://guard:8000", labels: [MALICIOUS], threshold: 0.9}
    classifier: {url: "http://guard:8080", server: tei, labels: [INJECTION, JAILBREAK]}

Such a model reads some hundred tokens at once. A longer text goes to it in windows that overlap, all in one
request, and each counts for itself: a match covers the window that it was found in. How many characters a
window has is configured, for how many tokens they are depends on model and script; a text that is too long
for the model must be refused by its server, which is an error, and never be cut.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.judging import shifted
from guardrails.remote.classes import Server, classified, route
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.finding import Unit, about
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings
from guardrails.remote.together import together

_BATCH = 32
"""Windows in one request: what text-embeddings-inference takes unless it is told otherwise."""


class ClassifierConfig(ServiceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked, and what counts."""

    labels: tuple[str, ...]
    """The classes that are found, as the model calls them."""
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """The score from which on one is."""
    server: Server = "vllm"
    model: str | None = None
    """Where one server has several."""
    classes: tuple[str, ...] = ()
    """All classes of the model by their numbers. vLLM names the most probable alone: with these, the others
    count too. KServe gives numbers."""
    window_chars: Annotated[int, msgspec.Meta(ge=50, le=1_000_000)] = 1_500
    """About 400 tokens of English; of Chinese it is some 1,500."""
    overlap_chars: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 200
    unit: Unit = "sentence"


class ClassifierCheck:
    """Finds texts that a model puts into one of some classes, rule by class.

    Args:
        config: who is asked.
        path: of the configuration, for errors.
        services: what it asks by.
    """

    kind = "classifier"
    redactable = True

    def __init__(self, config: ClassifierConfig, path: str, services: Services) -> None:
        self.unit: Unit = config.unit
        self._config = config
        self._endpoint = Endpoint(config, path, services.send, route=route(config.server, config.model))
        self._questions = Questions(config, services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match for each window and label, in order of the text."""
        text = passage.text
        if not text.strip():
            return ()
        return await self._questions.answer((text,), lambda: self._asked(text))

    async def _asked(self, text: str) -> Sequence[Match]:
        starts = windows(len(text), self._config.window_chars, self._config.overlap_chars)
        batches = [starts[i : i + _BATCH] for i in range(0, len(starts), _BATCH)]
        return await together(batches, lambda batch: self._batch(text, batch))

    async def _batch(self, text: str, starts: Sequence[int]) -> list[Match]:
        config = self._config
        texts = [text[start : start + config.window_chars] for start in starts]
        scores = await classified(self._endpoint, config.server, config.model, config.classes, texts)
        knows_all = config.server != "vllm" or config.classes
        matches: list[Match] = []
        for start, window, of in zip(starts, texts, scores, strict=True):
            if knows_all and not of.keys() >= {*config.labels}:
                raise UnsoundAnswer("does not know a label that is configured")
            matches += [
                shifted(about(window, label, of[label]), start)
                for label in config.labels
                if label in of and not of[label] < config.threshold
            ]
        return matches


def windows(length: int, window: int, overlap: int) -> list[int]:
    """Return where the windows of a text begin: each overlaps the one before, and the last ends with it."""
    starts = [0]
    while starts[-1] + window < length:
        starts.append(min(starts[-1] + window - overlap, length - window))
    return starts


def build(config: object, path: str, services: Services) -> ClassifierCheck:
    """Build the check from its configuration."""
    decoded = decode(ClassifierConfig, config, path)
    if not decoded.labels:
        raise ConfigError(f"{path}.labels", "give at least one: the classes that are to be found")
    for index, label in enumerate(decoded.labels):
        if decoded.classes and label not in decoded.classes:
            raise ConfigError(
                f"{path}.labels[{index}]", f"is not among classes: {', '.join(decoded.classes)}"
            )
    if len(set(decoded.classes)) < len(decoded.classes):
        raise ConfigError(f"{path}.classes", "names a class twice")
    if decoded.overlap_chars * 2 > decoded.window_chars:
        raise ConfigError(f"{path}.overlap_chars", "is more than half of window_chars")
    if decoded.server == "kserve" and decoded.model is None:
        raise ConfigError(f"{path}.model", "is missing: KServe has it in its address")
    return ClassifierCheck(decoded, path, services)
