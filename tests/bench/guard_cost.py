"""What guardrails cost: all deterministic checks at once, on requests and on streams.

    python -m tests.bench.guard_cost

Microseconds of this process's CPU time, the median of many rounds, beside the bound that each figure shall
keep. The last table is the worst that a text can do: 100,000 characters of one unit over and over. `json` is
asked by itself there: to it prose is a finding, so no text is clean to it and to the others.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from guardrails import Conversation, Engine, Part, Tool
from guardrails.config import Checks, guardrail
from tests.bench.checks_accuracy import CLEAN, DIRTY

ROUNDS = 200
_PATH = "choices[0].message.content"
_WORDS = [f"competitor {index}" for index in range(100)]
BOTH: tuple[dict[str, object], ...] = (
    {"pii": {}},
    {"secrets": {}},
    {"words": {"deny": _WORDS}},
    {"regex": {"pattern": [r"(?i)project bluebird", r"\bEMP-\d{6}\b"], "per": "word"}},
    {"urls": {}},
    {"unicode": {}},
    {"encoded": {}},
    {"injection": {}},
    {"length": {"max_chars": 200_000}},
    {"code": {"unfenced": False}},
    {"tools": {"allow": ["search"]}},
)
STREAMS: tuple[dict[str, object], ...] = (
    *BOTH,
    {"system_leak": {}},
    {"canary": {"tokens": ["canary-7f3a9c"]}},
)
"""What holds no stream to its end; `json` and `language` do."""
REQUESTS: tuple[dict[str, object], ...] = (
    *BOTH,
    {"models": {"allow": ["gpt-*"]}},
    {"request_types": {"allow": ["chatComplete"]}},
    {"metadata": {"all": ["team"]}},
    {"counts": {"max_messages": 100}},
)
CONVERSATION = Conversation("gpt-4o", metadata={"team": "a"}, tools=(Tool("tools[0].function", "search"),))
UNITS = (
    *(
        "1",
        "1 ",
        "123456 ",
        "4111 ",
        "a",
        "a ",
        "A",
        "é",
        "中",
        "\u200b",
        "\uff11",
        "(",
        "[",
        "{",
        '{"a":',
        "<",
    ),
    *("@", "a@b.", "://", "http://a.b/", "![a](", "password=", "-----BEGIN ", "eyJ", "AKIA", "%41", "&#65;"),
    *("\\u0041", "QUJD", "4141", "```\n", "ignore all previous ", "\n", ". "),
)


def engine_of(items: Sequence[dict[str, object]], side: str) -> Engine:
    """Return an engine in which every check redacts or, where it covers no characters, blocks."""
    checks, made = Checks(), []
    for index, item in enumerate(items):
        for action in ("redact", "block"):
            try:
                spec = {
                    "on": [side],
                    "checks": [item],
                    "action": action,
                    "mode": "enforce",
                    "timeout_ms": 60_000,
                }
                made.append(guardrail(f"g{index}", spec, checks=checks))
                break
            except ValueError:
                if action == "block":
                    raise
    return Engine(made, b"key of the bench")


def _median_us(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    async def timed() -> Iterator[float]:
        took = []
        for _ in range(rounds):
            began = time.process_time_ns()
            await work()
            took.append((time.process_time_ns() - began) / 1_000)
        return iter(took)

    return statistics.median(asyncio.run(timed()))


def _screening(engine: Engine, *texts: str) -> Callable[[], Awaitable[object]]:
    parts = [Part(f"messages[{i}].content", text) for i, text in enumerate(texts)]
    return lambda: engine.screen(parts, CONVERSATION)


def _streaming(engine: Engine, text: str, length: int) -> Callable[[], Awaitable[object]]:
    pieces = [Part(_PATH, text[at : at + length], role="assistant") for at in range(0, len(text), length)]

    async def stream() -> None:
        screen = engine.output(CONVERSATION)
        for piece in pieces:
            await screen.feed(piece)
        await screen.finish(_PATH)
        await screen.close()

    return stream


def main() -> None:
    """Print the tables; end with 1 if a figure is over its bound."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of each figure (default: {ROUNDS})")
    options = parser.parse_args()
    requests, streams = engine_of(REQUESTS, "input"), engine_of(STREAMS, "output")
    told = engine_of((*REQUESTS, {"language": {"allow": ["en"]}}), "input")
    long = (CLEAN * 50)[:100_000]
    tokens = len(CLEAN) // 4
    figures = (
        ("2 kB, clean", _screening(requests, CLEAN), 100.0, 1),
        ("2 kB, clean, and its language (an extra)", _screening(told, CLEAN), 100.0, 1),
        ("2 kB, with seven values", _screening(requests, DIRTY), 1_000.0, 1),
        ("100 kB, clean", _screening(requests, long), 5_000.0, 1),
        ("a token of a stream, clean", _streaming(streams, CLEAN, 4), 15.0, tokens),
        ("a token of a stream, with seven values", _streaming(streams, DIRTY, 4), 15.0, tokens),
    )
    over = False
    sys.stdout.write(f"{'':<42}{'us':>9}{'bound':>9}\n")
    for name, work, bound, of in figures:
        rounds = max(5, options.rounds // of) if of > 1 else options.rounds
        took = _median_us(work, rounds) / of
        over |= took > bound
        sys.stdout.write(f"{name:<42}{took:>9,.1f}{bound:>9,.0f}{'  over' if took > bound else ''}\n")
    sys.stdout.write(f"\n{'100,000 characters of':<42}{'ms':>9}{'us/kB':>9}\n")
    for unit in UNITS:
        text = unit * (100_000 // len(unit))
        took = _median_us(_screening(requests, text), 3)
        sys.stdout.write(f"{unit!r:<42}{took / 1_000:>9,.1f}{took / 100:>9,.1f}\n")
    alone = engine_of([{"json": {"where": "anywhere"}}], "input")
    for unit in ("[", "{", "{}", '{"a":'):
        took = _median_us(_screening(alone, unit * (100_000 // len(unit))), 3)
        sys.stdout.write(f"{f'{unit!r} (json)':<42}{took / 1_000:>9,.1f}{took / 100:>9,.1f}\n")
    sys.exit(int(over))


if __name__ == "__main__":
    main()
