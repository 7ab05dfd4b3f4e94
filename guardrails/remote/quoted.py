"""Where the words stand that a service quotes of a text, for services that tell no offsets."""

import re
from collections.abc import Sequence

from guardrails.check import Match
from guardrails.remote.finding import about, bounded, rule

_MAX_WORDS = 1_000
"""Longer quotations are searched for as they are: a search that ignores capitals takes their length times the
text's."""


def quoted(text: str, words: str, label: str, score: float = 1.0) -> Sequence[Match]:
    """Return a match for each place where these words stand; one of the whole text if they stand nowhere.

    Where they stand by themselves they count there only: the name `Al` is not in `also`. Capitals do not
    matter, and white space may differ. Words that are not found were changed by the service on its way: what
    it saw is there, so all of the text is it.
    """
    parts = [re.escape(part) for part in words.split()]
    if not parts or len(words) > _MAX_WORDS:
        start = text.find(words) if parts else -1
        whole = about(text, label, score)
        return [whole if start < 0 else Match(whole.rule, start, start + len(words), whole.score)]
    anywhere = r"\s+".join(parts)
    for pattern in (rf"(?<!\w){anywhere}(?!\w)", anywhere):
        places = [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]
        if places:
            return [Match(rule(label), start, end, bounded(score)) for start, end in places]
    return [about(text, label, score)]
