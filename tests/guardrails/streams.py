"""Streaming a text through an engine, and holding what came of it to what the oracle says of the whole."""

import asyncio
from collections.abc import Iterable, Sequence

from guardrails import Coverage, Engine, Guardrail, Part, Verdict
from tests.guardrails import oracle

PATH = "choices[0].message.content"


class Streamed:
    """What came of streaming a text, fragment by fragment."""

    def __init__(self, engine: Engine, fragments: Iterable[str], *, whole: bool = False) -> None:
        self.pieces: list[str] = []
        asyncio.run(self._stream(engine, fragments, whole=whole))

    async def _stream(self, engine: Engine, fragments: Iterable[str], *, whole: bool) -> None:
        screen = engine.output(whole=whole)
        for fragment in fragments:
            self.pieces.append(await screen.feed(Part(PATH, fragment, role="assistant")))
            assert_ordered(screen.coverage)
        self.pieces.append(await screen.finish(PATH))
        await screen.close()
        assert_ordered(screen.coverage)
        self.verdicts = screen.verdicts()
        self.coverage = screen.coverage
        self.blocked = screen.blocked

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    """Cut a text into fragments of these sizes, again and again; the empty text is one empty fragment."""
    fragments = [] if text else [""]
    while text:
        size = sizes[len(fragments) % len(sizes)]
        fragments.append(text[:size])
        text = text[size:]
    return fragments


def assert_as_whole(
    guardrails: Sequence[Guardrail],
    engine: Engine,
    text: str,
    fragments: Sequence[str],
    *,
    held: bool = False,
) -> None:
    """Check that verdicts, findings and released text of these fragments are those of the whole text.

    `held` asks for a screen that holds each text to its end, as for an answer that is not streamed.
    """
    whole = oracle.expected(guardrails, text)
    streamed = Streamed(engine, fragments, whole=held)
    assert [(v.guardrail, v.decision, v.blocked) for v in streamed.verdicts] == whole.decisions
    assert [_findings(verdict) for verdict in streamed.verdicts] == whole.findings
    released = streamed.text
    if whole.blocked:
        assert whole.text.startswith(released)
        assert streamed.blocked == next(verdict for verdict in streamed.verdicts if verdict.blocked)
    else:
        assert released == whole.text
        assert streamed.coverage == Coverage(len(text), len(text), whole.untouched)
        assert streamed.blocked is None


def _findings(verdict: Verdict) -> list[tuple[str, int, int, str]]:
    assert list(verdict.findings) == sorted(verdict.findings, key=lambda f: (f.start, f.end))
    assert all(finding.part == PATH for finding in verdict.findings)
    return sorted((f.rule, f.start, f.end, f.fingerprint) for f in verdict.findings)


def assert_ordered(coverage: Coverage) -> None:
    """Check that what went out was screened, and that what was screened came in."""
    assert 0 <= coverage.released <= coverage.screened <= coverage.received
