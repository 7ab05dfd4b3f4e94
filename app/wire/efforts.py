"""OpenAI's efforts in their order, and the one that a model takes for one that it does not.

What an effort becomes (a word, a level, a number of tokens) is each format's own affair.

Of two efforts as near, the greater is taken: more thought betters an answer, less of it may spoil one, and
Google does the same where its models lack a level (ai.google.dev/gemini-api/docs/openai, 2026-11: `medium` is
`high` for Gemini 3 Pro). Rejected: the lesser, which costs less but falls short of the wish. The ends of the
scale are for those who ask for them, as long as the model takes any other word: `none` is no thought at all,
and `max` knows no bound of cost.
"""

from collections.abc import Iterable

SCALE = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""OpenAI's `reasoning_effort` (openai SDK 3, `ReasoningEffort`), from nothing to everything."""
_RANKS = {**{word: rank for rank, word in enumerate(SCALE)}, "default": SCALE.index("medium")}
"""`default` is Groq's word for what Qwen's models do when they are let."""

_ENDS = ("none", "max")


def nearest(wish: str, known: Iterable[str] | None) -> str:
    """Return the effort next to the one wished for among those known.

    Args:
        wish: the caller's; a word of no scale stays as it is.
        known: those that the model takes; None, or none of the scale: all.
    """
    rank = _RANKS.get(wish)
    if known is None or rank is None:
        return wish
    words = [word for word in known if word in _RANKS]
    if wish in words:
        return wish
    for end in _ENDS:
        words = [word for word in words if word != end] or words
    return min(words, key=lambda word: (abs(_RANKS[word] - rank), -_RANKS[word]), default=wish)
