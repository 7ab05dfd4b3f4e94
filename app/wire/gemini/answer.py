"""Gemini's answer read into events, from one `GenerateContentResponse` or from a stream of them.

Each response of a stream holds new parts only; a whole answer is a stream of one. Finish reasons are held
until the end, since parts may come behind them, and so is usage, which every response counts anew. A prompt
that was blocked is an answer too: a refusal.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from app.domain.errors import UpstreamBroken
from app.domain.events import Extra, ProviderEvent, Started, TextDelta, UsageReported
from app.wire.finish import finished
from app.wire.gemini.choice import CandidateReader, Reading
from app.wire.gemini.errors import refusal_within
from app.wire.gemini.usage import service_tier, usage_of

_KNOWN = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "promptFeedback"})
_MAX_CANDIDATES = 128
"""As many as OpenAI's `n` may ask for."""


class AnswerReader:
    """Reads the responses of one answer.

    Args:
        reading: what the question asked for.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._started = False
        self._candidates: dict[int, CandidateReader] = {}
        self._usage: dict[str, Any] = {}
        self._feedback: dict[str, Any] | None = None
        self._rest: dict[str, Any] = {}
        """Fields of the top level that nobody knows."""

    def events(self, response: Any) -> list[ProviderEvent]:  # noqa: ANN401 (JSON)
        """Return the events of one response. Raises `UpstreamError` if it is none, or an error."""
        error = refusal_within(response)
        if error is not None:
            raise error
        if not isinstance(response, dict):
            raise UpstreamBroken("The provider sent JSON that is no object.")
        candidates = response.get("candidates") or ()
        if not isinstance(candidates, list | tuple):
            raise UpstreamBroken("The provider sent candidates that are no list.")
        events: list[ProviderEvent] = []
        self._top_level(response, events)
        for place, candidate in enumerate(candidates):
            events += self._candidate(candidate, place, candidates).read(candidate)
        return events

    def close(self) -> Iterator[ProviderEvent]:
        """Yield the last events. Raises `UpstreamBroken` if the answer is not complete."""
        if not self._candidates and not self._is_blocked():
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")
        extras = dict(self._rest)
        tier = service_tier(self._usage)
        if tier is not None:
            extras["service_tier"] = tier
        if extras:
            yield Extra(None, extras)
        if not self._candidates and self._feedback is not None:
            yield from self._refused(self._feedback)
        for _, candidate in sorted(self._candidates.items()):
            yield from candidate.end()
        if self._usage:
            yield UsageReported(usage_of(self._usage))

    def _top_level(self, response: dict[str, Any], events: list[ProviderEvent]) -> None:
        if not self._started:
            self._started = True
            answer_id, model = response.get("responseId"), response.get("modelVersion")
            events.append(
                Started(
                    {
                        "id": answer_id
                        if isinstance(answer_id, str) and answer_id
                        else f"chatcmpl-{self._reading.token()}",
                        "created": int(self._reading.now_s()),
                        "model": model if isinstance(model, str) and model else self._reading.model,
                    }
                )
            )
        usage, feedback = response.get("usageMetadata"), response.get("promptFeedback")
        if isinstance(usage, dict):
            self._usage.update(usage)
        if isinstance(feedback, dict):
            self._feedback = feedback
        if not response.keys() <= _KNOWN:
            self._rest.update((key, value) for key, value in response.items() if key not in _KNOWN)

    def _candidate(self, candidate: Any, place: int, among: Iterable[Any]) -> CandidateReader:  # noqa: ANN401 (JSON)
        """Return the reader of a candidate; one without an index is the first, unless none has any."""
        if not isinstance(candidate, dict):
            raise UpstreamBroken("The provider sent a candidate that is no object.")
        index = candidate.get("index")
        if index is None:
            index = 0 if any(isinstance(other, dict) and "index" in other for other in among) else place
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < _MAX_CANDIDATES:
            raise UpstreamBroken("The provider sent a candidate whose index is none.")
        reader = self._candidates.get(index)
        if reader is None:
            reader = self._candidates[index] = CandidateReader(index, self._reading)
        return reader

    def _is_blocked(self) -> bool:
        return self._feedback is not None and bool(self._feedback.get("blockReason"))

    def _refused(self, feedback: dict[str, Any]) -> Iterator[ProviderEvent]:
        """Yield the one choice of an answer to a prompt that was blocked."""
        reason = str(feedback["blockReason"])
        message = feedback.get("blockReasonMessage")
        said = message if isinstance(message, str) and message else f"Google blocked the prompt: {reason}."
        yield Extra(0, {"content": None})
        yield TextDelta(0, "refusal", said)
        fields = {"promptFeedback": feedback}
        reasons = {reason: "content_filter"}
        yield finished(0, reason, reasons, strict=self._reading.strict, fields=fields)
