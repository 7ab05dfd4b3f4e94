"""Texts laid out in a document where they stand, and read from one again.

The library knows texts and their places, not bodies of requests. For a service that wants a body, this makes
one that holds every text at its path (`messages[1].content[0].text`), who said each message, and what sort of
piece a text is. All else that the request says (images, numbers) is not in it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from guardrails.part import Part

_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])*")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\d+")
_MESSAGE = re.compile(r"(?:messages\[\d+\]|choices\[\d+\]\.message)(?=\.)")
_PIECE = re.compile(r"\.content\[\d+\]\.text\Z")

Step = str | int


def laid_out(parts: Iterable[Part]) -> dict[str, Any]:
    """Return a document with each text at its path; what cannot stand beside others is left out."""
    document: dict[str, Any] = {}
    for part in parts:
        steps = _steps(part.path)
        if not steps:
            continue
        if (message := _MESSAGE.match(part.path)) and part.role:
            _put(document, [*_steps(message[0]), "role"], part.role)
        if _PIECE.search(part.path):
            _put(document, [*steps[:-1], "type"], "text")
        _put(document, steps, part.text)
    return document


def text_at(document: object, path: str) -> str | None:
    """Return the text at a path, None if there is none."""
    steps = _steps(path)
    found = document
    for step in steps:
        if isinstance(step, str):
            found = found.get(step) if isinstance(found, dict) else None
        else:
            found = found[step] if isinstance(found, list) and step < len(found) else None
    return found if steps and isinstance(found, str) else None


def _steps(path: str) -> Sequence[Step]:
    """Return the steps of a path; none for one with names that only quotes can hold."""
    if not _PATH.fullmatch(path):
        return ()
    return [int(step) if step.isdigit() else step for step in _STEP.findall(path)]


def _put(document: dict[str, Any], steps: Sequence[Step], text: str) -> None:
    node: object = document
    for step, following in pairwise(steps):
        node = _child(node, step, [] if isinstance(following, int) else {})
    last = steps[-1]
    if isinstance(last, str) and isinstance(node, dict):
        node.setdefault(last, text)
    elif isinstance(last, int) and isinstance(node, list):
        _reach(node, last)
        if node[last] == {}:
            node[last] = text


def _child(node: object, step: Step, empty: object) -> object:
    """Return what stands at a step, made if it is not there; None where something else stands."""
    if isinstance(step, str) and isinstance(node, dict):
        return node.setdefault(step, empty)
    if isinstance(step, int) and isinstance(node, list):
        _reach(node, step)
        if node[step] == {}:
            node[step] = empty
        return node[step]
    return None


def _reach(items: list[Any], place: int) -> None:
    """Make a list long enough: what holds no text is an empty object, so that places stay."""
    items.extend({} for _ in range(place + 1 - len(items)))
