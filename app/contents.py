"""What was asked and answered, as a trace shows it to whoever asked for that.

`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` asks, and nobody else can: no caller, no key. They can
say no, as they can about the record (`app/domain/content.py`): where the gateway, the key or the caller lets
no documents on record, there are none in traces either. One rule for both, because who says `none` means it,
and because a trace goes further than the record: it leaves the house, and nobody erases it there.

- Of a request it is what this provider was sent: what guardrails took out is not in it, a pseudonym stands as
  such. A blocked one is not shown at all, whatever was sent before the block.
- Of an answer it is what was released: nothing that was denied, no values put back in place of pseudonyms.
- What guardrails found that only watch or flag is hidden as on record. Their findings are placed in the
  request as it came, so then that is what is shown, with all of them hidden.
- The net that nothing on record slips through is behind all that: secrets and personal data are hidden in
  texts, keys and the decoded arguments of tools, whatever guardrails there are, and with `full` too.

Done when an exchange has ended, in a thread, and only for a trace that is exported. A hit of the cache has
no client span, so nothing is shown of it.
"""

import json
from collections.abc import Mapping, Sequence

from app.domain.content import Content, exceeds, least
from app.domain.exchange import ExchangeRecord, Outcome
from app.records.concealment import is_uncertain
from app.records.redaction import input_findings, redacted_request, redacted_response
from app.records.scrubbing import Redact, scrubbed
from app.wire.genai import Item, input_messages, output_messages, tool_definitions, without_instructions
from guardrails import Action, Mode, Side, Verdict
from telemetry import Attribute, ContentCapture, SpanNote, Trace, names
from telemetry.content import fitting_json

_LARGEST_UNSHOWN: Content = "hashes"
_APART = frozenset(("anthropic", "aws.bedrock", "gcp.gemini", "gcp.vertex_ai"))
"""Whose APIs take instructions beside the conversation; those of others have them in it."""
_ROOM = 16
"""Times the length of an attribute: of messages that are older than that much text none could be shown, so
nobody looks for secrets in them."""


class Contents:
    """Shows the content of exchanges on the spans of their attempts.

    Args:
        capture: where, and how much.
        level: the most that the gateway lets on record.
        redact: hides secrets and personal data in a text. Called in other threads.
    """

    def __init__(self, capture: ContentCapture, level: Content, redact: Redact) -> None:
        self._capture = capture
        self._level = level
        self._redact = redact

    def shows(self, record: ExchangeRecord) -> bool:
        """Return whether anything of an exchange is shown."""
        if not self._capture or record.outcome is Outcome.BLOCKED_INPUT:
            return False
        return exceeds(least(record.content, self._level), _LARGEST_UNSHOWN)

    def show(self, trace: Trace, record: ExchangeRecord) -> None:
        """Put content on the spans of a trace that has not been handed over yet."""
        answering = record.attempts[-1].span_id if record.attempts else ""
        for note in trace.children:
            if note.asked is None:
                continue
            said = self._asked(note, record)
            if note.span_id == answering:
                said |= self._answered(record)
            if self._capture.on_event:
                known = {key: one for key, one in note.attributes.items() if key.startswith("gen_ai.")}
                note.events.append((names.INFERENCE_DETAILS, note.end_ns or record.ended_ns, known | said))
            if self._capture.on_span:
                note.attributes.update(said)

    def _asked(self, note: SpanNote, record: ExchangeRecord) -> dict[str, Attribute]:
        document: object = note.asked
        if any(map(_only_says, record.verdicts)) or is_uncertain(record.verdicts, Side.INPUT):
            document = redacted_request(record.request or {}, input_findings(record.verdicts), _as_it_is)
        if not isinstance(document, Mapping):
            return {}
        instructions: list[Item] = []
        messages = input_messages(document)
        if note.attributes.get(names.GEN_AI_PROVIDER_NAME) in _APART:
            instructions, messages = without_instructions(messages)
        return {
            **self._attribute(names.GEN_AI_INPUT_MESSAGES, messages, newest=True),
            **self._attribute(names.GEN_AI_SYSTEM_INSTRUCTIONS, instructions),
            **self._attribute(names.GEN_AI_TOOL_DEFINITIONS, tool_definitions(document)),
        }

    def _answered(self, record: ExchangeRecord) -> dict[str, Attribute]:
        if record.response is None:
            return {}
        document = redacted_response(record.response, record.verdicts, _as_it_is)
        cut_off = "content_filter" if record.outcome is Outcome.BLOCKED_OUTPUT else "error"
        messages = output_messages(document, cut_off) if isinstance(document, dict) else []
        return self._attribute(names.GEN_AI_OUTPUT_MESSAGES, messages)

    def _attribute(self, name: str, items: Sequence[Item], *, newest: bool = False) -> dict[str, Attribute]:
        """Return an attribute, none where there is nothing to be said by it."""
        if not items:
            return {}
        kept = _within(items, self._capture.max_bytes * _ROOM, newest=newest)
        shown = scrubbed(kept, self._redact)
        missing = len(items) - len(kept)
        return {name: fitting_json(shown, self._capture.max_bytes, newest=newest, missing=missing)}


def _within(items: Sequence[Item], room: int, *, newest: bool) -> Sequence[Item]:
    """Return those that count most, up to about that many characters and at least one."""
    for number, item in enumerate(reversed(items) if newest else items, 1):
        room -= len(json.dumps(item))
        if room < 0:
            return items[-number:] if newest else items[:number]
    return items


def _only_says(verdict: Verdict) -> bool:
    """Whether a guardrail found something in a request that it did not take out."""
    is_taken_out = verdict.mode is Mode.ENFORCE and verdict.action is Action.REDACT
    return verdict.side is Side.INPUT and bool(verdict.findings) and not is_taken_out


def _as_it_is(text: str) -> str:
    return text
