"""What of an exchange's documents may stand on record: nothing that was found, nothing that looks secret.

Two nets, one behind the other. First the exchange's own findings, of every verdict, also of those that only
watched or flagged: their places are known (`places.py`), so each becomes `[RULE]`. Then a function from
outside sees every text that is left (`scrubbing.py`).

Offsets of findings are those of the text a guardrail saw. Of a request that is the document as received. Of
an answer it is what the provider said, while the recorded one is what was released: an enforced redaction
has changed it already. So in an answer's text that was redacted on its way, what other guardrails found
there cannot be placed any more, and the whole text goes. In doubt, always: a text of which it is not known
what to hide is hidden as a whole, and so is all of a side of which not all findings are known
(`concealment.py`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app.domain.json_leaves import is_key_path
from app.domain.json_text import REDACTED
from app.records.concealment import concealed_request, concealed_response, is_uncertain
from app.records.places import Places, as_match, is_within, parent
from app.records.scrubbing import Redact, scrubbed
from guardrails.redaction import placeholder
from guardrails.verdict import Action, Finding, Mode, Side, Verdict

_MAX_CHOICES = 4096
"""Beyond any provider's number of choices (OpenAI: 128); such an answer is not taken apart."""


def input_findings(verdicts: Sequence[Verdict]) -> list[Finding] | None:
    """Return what has to be hidden in a request; None where that is not known, so everything has to."""
    if is_uncertain(verdicts, Side.INPUT):
        return None
    return _found(verdict for verdict in verdicts if verdict.side is Side.INPUT)


def redacted_request(document: dict[str, Any], findings: Sequence[Finding] | None, redact: Redact) -> object:
    """Return a request as it may be recorded. The original is not touched.

    Args:
        document: as received.
        findings: from `input_findings`.
        redact: the second net.
    """
    if findings is None:
        document = concealed_request(document)
    elif findings:
        places = Places(document)
        for finding in findings:
            if not places.hide(finding, cut=False):
                return REDACTED
        document = places.document()
    return scrubbed(document, redact)


def redacted_response(document: dict[str, Any], verdicts: Sequence[Verdict], redact: Redact) -> object:
    """Return an answer, as it was released, as it may be recorded. The original is not touched."""
    if is_uncertain(verdicts, Side.OUTPUT):
        return scrubbed(concealed_response(document), redact)
    output = [verdict for verdict in verdicts if verdict.side is Side.OUTPUT]
    enforced = _found(verdict for verdict in output if _redacts(verdict))
    others = _found(verdict for verdict in output if not _redacts(verdict))
    ordered = _ordered(document)
    if ordered is None:
        return REDACTED
    hidden = _hidden(ordered, others, frozenset(finding.part for finding in enforced)) if others else ordered
    if hidden is None:
        return REDACTED
    seen = scrubbed(hidden, redact)
    _drop_spellings(ordered, seen, (*enforced, *others))
    if ordered is not document:
        seen["choices"] = [choice for choice in seen["choices"] if choice is not None]
    return seen


def renamed_keys(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return the paths through keys in which something was found, each with what to write instead.

    The longest come first.
    """
    renamed = {}
    for finding in findings:
        if is_key_path(finding.part):
            place = finding.part.removesuffix(".~key")
            renamed[place] = f"{parent(place)}.{placeholder(as_match(finding))}"
    return sorted(renamed.items(), key=lambda item: -len(item[0]))


def recorded_part(path: str, renamed: Iterable[tuple[str, str]], redact: Redact) -> str:
    """Return the path of a finding without what was found in the keys it goes through.

    Args:
        path: of the part.
        renamed: from `renamed_keys`, of the same exchange.
        redact: sees what is left.
    """
    for place, new in renamed:
        if is_within(path, place):
            path = new + path[len(place) :]
    return redact(path)


def _found(verdicts: Iterable[Verdict]) -> list[Finding]:
    """Return the findings that cover characters: one about a place (a text too short) has nothing to hide."""
    return [finding for verdict in verdicts for finding in verdict.findings if finding.end > finding.start]


def _redacts(verdict: Verdict) -> bool:
    return verdict.mode is Mode.ENFORCE and verdict.action is Action.REDACT


def _ordered(document: dict[str, Any]) -> dict[str, Any] | None:
    """Return an answer whose choices stand where their paths say, gaps filled with None.

    A path's `choices[2]` is the choice of index 2, also where it was the only one that anything was
    released of.
    """
    choices = document.get("choices")
    if not isinstance(choices, list):
        return document
    if all(isinstance(choice, dict) and choice.get("index", i) == i for i, choice in enumerate(choices)):
        return document
    by_index = {
        choice.get("index", i): choice for i, choice in enumerate(choices) if isinstance(choice, dict)
    }
    if len(by_index) < len(choices) or not all(
        isinstance(index, int) and 0 <= index < _MAX_CHOICES for index in by_index
    ):
        return None
    return document | {"choices": [by_index.get(i) for i in range(max(by_index, default=-1) + 1)]}


def _hidden(
    document: dict[str, Any], findings: list[Finding], altered: frozenset[str]
) -> dict[str, Any] | None:
    """Return the answer without what was found; None where it is not known where that would be.

    Args:
        document: what was released.
        findings: what has not been redacted on its way.
        altered: parts that were redacted on their way, so that offsets in them mean nothing any more.
    """
    places = Places(document)
    has_other_keys = any(is_key_path(path) for path in altered)
    for finding in findings:
        # Text that should have been JSON is a part twice, as it stands and (with a `#`) as it decodes.
        is_altered = not altered.isdisjoint(
            (finding.part, finding.part + "#", finding.part.removesuffix("#"))
        )
        is_there = places.hide_all(finding.part) if is_altered else places.hide(finding, cut=True)
        if not is_there and has_other_keys:
            return None
        # Else nothing of that part was released.
    return places.document()


def _drop_spellings(before: dict[str, Any], after: dict[str, Any], findings: Iterable[Finding]) -> None:
    """Take out the log probabilities of choices with something to hide: they spell it once more."""
    choices = zip(before.get("choices") or (), after.get("choices") or (), strict=True)
    for i, (old, new) in enumerate(choices):
        if isinstance(new, dict) and new.get("logprobs") is not None:
            touched = any(is_within(finding.part, f"choices[{i}]") for finding in findings)
            if touched or old.get("message") != new.get("message"):
                new["logprobs"] = None
