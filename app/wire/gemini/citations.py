"""What an answer rests on, as OpenAI's `url_citation` annotations.

Gemini counts segments in bytes of UTF-8 (google-genai 3.4 `Segment`, `Citation`), OpenAI in characters. A
segment that says its text is taken where that text stands: places in a stream are not always those of the
whole answer. Sources without a place in the text stay in `groundingMetadata` alone, which is given out as it
is.
"""

from collections.abc import Iterator
from typing import Any


def annotations(text: str, grounding: object, citations: object) -> list[dict[str, Any]]:
    """Return the annotations of a text.

    Args:
        text: of the choice, whole.
        grounding: its `groundingMetadata`.
        citations: its `citationMetadata`.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    found: list[dict[str, Any]] = []
    for source, segment in (*_grounded(grounding), *_cited(citations)):
        place = _place(segment, text, encoded)
        url = source.get("uri")
        if place is None or not isinstance(url, str):
            continue
        start, end = place
        title = source.get("title")
        citation = {
            "start_index": start,
            "end_index": end,
            "title": title if isinstance(title, str) else "",
            "url": url,
        }
        found.append({"type": "url_citation", "url_citation": citation})
    return found


def _grounded(grounding: object) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield sources of a search, and the segments that rest on them."""
    if not isinstance(grounding, dict):
        return
    chunks = _list(grounding.get("groundingChunks"))
    for support in _list(grounding.get("groundingSupports")):
        segment = support.get("segment") if isinstance(support, dict) else None
        if not isinstance(segment, dict):
            continue
        for index in _list(support.get("groundingChunkIndices")):
            chunk = chunks[index] if isinstance(index, int) and 0 <= index < len(chunks) else None
            for source in chunk.values() if isinstance(chunk, dict) else ():
                if isinstance(source, dict):
                    yield source, segment


def _cited(citations: object) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield sources of a recitation, each its own segment."""
    if isinstance(citations, dict):
        for citation in _list(citations.get("citations") or citations.get("citationSources")):
            if isinstance(citation, dict):
                yield citation, citation


def _place(segment: dict[str, Any], text: str, encoded: bytes) -> tuple[int, int] | None:
    """Return where a segment begins and ends, in characters; None: it is not in the text."""
    said = segment.get("text")
    start, end = segment.get("startIndex") or 0, segment.get("endIndex")
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(encoded):
        meant = encoded[start:end].decode("utf-8", "replace")
        if not isinstance(said, str) or meant == said:
            begin = len(encoded[:start].decode("utf-8", "replace"))
            return begin, begin + len(meant)
    if isinstance(said, str) and said:
        begin = text.find(said)
        return (begin, begin + len(said)) if begin >= 0 else None
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
