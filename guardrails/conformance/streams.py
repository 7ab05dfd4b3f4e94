"""A check in a stream: through an engine, cut anywhere, it gives what the whole text gives.

This follows from the law, so it adds nothing for a check that keeps it. It shows what breaking it does to
whoever is guarded: something is released that should not have been.
"""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from guardrails.check import Check
from guardrails.engine import Engine
from guardrails.guardrail import Guardrail
from guardrails.part import Part
from guardrails.verdict import Action, Finding, Side

_KEY = b"conformance"
_PATIENCE_S = 60.0
"""However long a check loads what it needs: this is about what it finds."""
_PATH = "choices[0].message.content"
SIZES = ((1,), (2, 3), (7, 1, 1), (40,))
"""How texts are cut: into pieces of these lengths, again and again."""


def assert_streams_as_whole(check: Check, text: str, sizes: Iterable[Sequence[int]] = SIZES) -> None:
    """Stream a text through an engine under every action the check allows; hold it to the whole text.

    Raises:
        AssertionError: findings or released text depend on how the text was cut.
    """
    for action in Action:
        if action is Action.REDACT and not check.redactable:
            continue
        engine = Engine(
            [Guardrail("conformance", frozenset(Side), (check,), action, timeout_s=_PATIENCE_S)], _KEY
        )
        whole = _streamed(engine, [text], whole=True)
        for lengths in sizes:
            streamed = _streamed(engine, list(_cut(text, lengths)), whole=False)
            assert streamed.findings == whole.findings, f"{action}: cut by {lengths}, other things are found"
            if whole.blocked:
                assert streamed.blocked, f"{action}: cut by {lengths}, it does not block"
            else:
                assert streamed.text == whole.text, f"{action}: cut by {lengths}, another text is released"


class _Streamed(msgspec.Struct, frozen=True):
    text: str
    findings: tuple[Finding, ...]
    blocked: bool


def _streamed(engine: Engine, fragments: Sequence[str], *, whole: bool) -> _Streamed:
    async def run() -> _Streamed:
        screen = engine.output(whole=whole)
        pieces = [await screen.feed(Part(_PATH, fragment, role="assistant")) for fragment in fragments]
        pieces.append(await screen.finish(_PATH))
        await screen.close()
        (verdict,) = screen.verdicts()
        assert verdict.error is None, f"the check failed: {verdict.error}"
        return _Streamed("".join(pieces), verdict.findings, screen.blocked is not None)

    return asyncio.run(run())


def _cut(text: str, lengths: Sequence[int]) -> Iterable[str]:
    at = turn = 0
    while at < len(text) or not turn:
        length = lengths[turn % len(lengths)]
        yield text[at : at + length]
        at += length
        turn += 1
