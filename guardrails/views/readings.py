"""All readings of a text: what there is to see in it beside the text as it stands.

First those in place (the folded view; the text with its escapes resolved, twice if need be, folded again),
then its payloads, and theirs: two layers. What comes out of that is bounded by what goes in: an escape is
longer than what it stands for, a payload is at most three quarters of what it is written in.

Two things are for streams. The readings in place go on as the text does, so a match may be open in one of
them (`in_place`); and base64 in lines may go on in the next (`is_begun`). All else ends where a word does.
"""

from guardrails.check import is_break
from guardrails.checks.patterns import PatternSet
from guardrails.views import escapes, payloads
from guardrails.views.escapes import unescape
from guardrails.views.folded import CONTROLS, fold
from guardrails.views.reading import Reading, payload
from guardrails.views.smuggled import smuggled

LAYERS = 2
"""How often a text is decoded: base64 of base64."""

TRIGGERS = (CONTROLS, escapes.TRIGGER, payloads.TRIGGER)
"""In RE2: a text in which none of them matches has no reading beside itself, unless it folds."""

GOING_ON = (CONTROLS, escapes.TRIGGER, payloads.BEGUN)
"""In RE2: of a text in ASCII in which none of them matches `in_place` has nothing, nor has it `is_begun`."""

_READ_IN_PLACE = PatternSet([CONTROLS, escapes.TRIGGER])


def readings(text: str, *, marked: bool = True) -> list[Reading]:
    """Return the readings of a scannable text; none where there is nothing but the text itself.

    Args:
        text: the original.
        marked: whether one of `TRIGGERS` matches it, as far as is known.
    """
    folded = fold(text)
    return _readings(text, None, folded, LAYERS) if marked or folded is not None else []


def in_place(text: str) -> list[Reading]:
    """Return those readings that go on as the text does."""
    if text.isascii() and not (_may_hold_escapes(text) and _READ_IN_PLACE.any(text)):
        return []
    return _in_place(text, None, fold(text))


def _may_hold_escapes(text: str) -> bool:
    """Return whether there is any character that escapes begin with, or controls: Python is asked first."""
    return any(first in text for first in escapes.FIRST_CHARACTERS) or not text.isprintable()


def ends_with_break(reading: Reading) -> bool:
    """Return whether a border may stand behind this reading; nothing before it is as good as a break."""
    return not reading.text or is_break(reading.text[-1])


def is_begun(text: str) -> bool:
    """Return whether a payload may go on behind a text that ends with a break, escapes resolved."""
    return payloads.is_begun(text)


def _readings(text: str, source: Reading | None, folded: Reading | None, layers: int) -> list[Reading]:
    found = _in_place(text, source, folded)
    hidden = [(source, written) for written in smuggled(text)] if found else []
    last = found[-1] if found else source
    hidden += [(last, written) for written in payloads.payloads(found[-1].text if found else text)]
    for where, written in hidden:
        reading = payload(written.text, written.start, written.end, where)
        found.append(reading)
        if layers > 1:
            found += _readings(reading.text, reading, fold(reading.text, reading), layers - 1)
    return found


def _in_place(text: str, source: Reading | None, folded: Reading | None) -> list[Reading]:
    found = [] if folded is None else [folded]
    for _ in range(LAYERS):
        last = found[-1] if found else source
        resolved = unescape(found[-1].text if found else text, last)
        if resolved is None:
            break
        folded = fold(resolved.text, resolved)
        found += [resolved] if folded is None else [resolved, folded]
    return found
