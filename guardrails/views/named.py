"""The named view: a value of JSON behind its name, as it stands in the document that it is from.

A password has no form of its own: one knows it by the word before it. Where a document is taken apart into
its keys and leaves, that word and the value are two texts, and neither says anything alone. So a leaf is read
once more as `"name": "value"`. What is found in the name alone is no finding of this text: a name is a text
of its own.

Such values are short, and so is what this costs: a longer text is not read behind its name, and of a longer
name its end is read, which is what stands before the value.
"""

from guardrails.view import View
from guardrails.views.reading import Pieces, Reading

_MIN_VALUE, _MAX_VALUE = 4, 4096
"""Code points of what is read so: less is no secret (a PIN has four), and more has a form of its own."""
_MAX_NAME = 64


def named(text: str, name: str) -> Reading | None:
    """Return the value as it stands behind its name; None where there is none, or it is not read so.

    Args:
        text: all of the value, scannable.
        name: its own, scannable; empty for a text that has none.
    """
    if not name or not _MIN_VALUE <= len(text) <= _MAX_VALUE:
        return None
    before = f'"{name[-_MAX_NAME:]}": "'
    pieces = Pieces()
    pieces.add(before, 0, 0, 0)
    pieces.add(text, 0, len(text), 1)
    pieces.add('"', len(text), len(text), 0)
    return Reading(View.NAMED, pieces.text(), pieces.origins, None, in_place=False)
