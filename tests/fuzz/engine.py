"""A fuzz target over the engine and its windows: whatever comes in, a stream is judged like the whole.

    python -m tests.fuzz.engine --minutes 10

libFuzzer (through atheris) makes the inputs and is led by the coverage of `guardrails`. One input is a choice
of guardrails over every kind of check there is, a text, and how it is cut. What must hold of it is `judge`,
which needs no fuzzer: a failing input can be given to it again.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from typing import Protocol

from guardrails import Action, Decision, Engine, Finding, Guardrail, Mode, OutputScreen, Part, Side, Verdict
from guardrails.check import AnyCheck, OneSided, is_redactable
from tests.guardrails import every_check

KEY = b"key of the fuzzer"
PATH = "choices[0].message.content"
ENGINES = 80
MAX_TEXT = 400
_OBSERVING = 0.2
"""Share of guardrails that only observe."""
_PATIENCE_S = 60.0
_PIECES = (
    *every_check.TELLING.values(),
    *(every_check.OBJECTED, f"That is {every_check.OBJECTED}. ", every_check.SYSTEM[40:120]),
    *(
        "It goes on, as it does, ",
        "%5Cu0034",
        "\\x41",
        "=?",
        "SWdub3JlIGFsbCBwcmV2",
        "69676e6f7265",
        "\U000e007f",
    ),
    *(
        "the ",
        "new york ",
        "foo",
        " bar",
        "river bank ",
        "call me ",
        "4111 1111 1111 1111 ",
        "4111",
        " 1111",
        "-",
    ),
    *(
        "jane.doe@",
        "example.com ",
        "GB82 WEST 1234 5698 7654 32",
        "(212) 555-0123 ",
        "460-89-9847",
        "10.1.2.3",
    ),
    *("AKIAIOSFODNN7SECRETS ", "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", "password: Tr0ub4dor&3xyz\n"),
    *(
        "-----BEGIN PRIVATE KEY-----\n",
        "MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9",
        "Bearer ",
        "https://evil.example/?q=",
    ),
    *(
        "![a](https://evil.example/x)",
        '{"a": [1, {',
        "}]}",
        '"',
        "\u200b",
        "\u00ad",
        "\u202e",
        "\ufe0f",
        "\U000e0041",
    ),
    *(
        "\uff14\uff11\uff11\uff11",
        "\u0661\u0662",
        "\u0440\u0430",
        "中文字",
        "日本。",
        "é",
        "e\u0301",
        "😀",
        "\ud800",
    ),
    *(
        "Zm9vIGJhciA0MTExIDExMTE=",
        "%34%31",
        "&#52;",
        "\\u0034",
        " ",
        "\n",
        "\u00a0",
        "\u3000",
        ".",
        ". ",
        "1",
    ),
)


class Source(Protocol):
    """What makes inputs: atheris's `FuzzedDataProvider`, or `Dice`."""

    def ConsumeIntInRange(self, low: int, high: int) -> int:  # noqa: N802 (atheris's name)
        """Return a number from `low` to `high`."""

    def ConsumeUnicode(self, length: int) -> str:  # noqa: N802 (atheris's name)
        """Return some characters, surrogates too."""


class Dice:
    """A source without a fuzzer: chance, by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def ConsumeIntInRange(self, low: int, high: int) -> int:  # noqa: N802 (as in Source)
        return self._random.randint(low, high)

    def ConsumeUnicode(self, length: int) -> str:  # noqa: N802 (as in Source)
        return "".join(
            chr(self._random.choice((0x20, 0x41, 0x4E00, 0x1F600, 0xD800)) + i) for i in range(length)
        )


def engines(count: int = ENGINES) -> list[Engine]:
    """Return engines of one to three guardrails over checks of any kind: chance, but always the same."""
    dice = random.Random(0)
    checks = [check for of_kind in every_check.built().values() for check in of_kind]
    return [
        Engine([_policy(f"g{i}", dice, checks) for i in range(dice.randint(1, 3))], KEY) for _ in range(count)
    ]


def judge(made: Sequence[Engine], source: Source) -> None:
    """Hold one input to what must hold.

    Raises:
        AssertionError: a stream was judged otherwise than the whole, or something was released unscreened.
    """
    engine = made[source.ConsumeIntInRange(0, len(made) - 1)]
    text = _text(source)
    whole = asyncio.run(_screened(engine, [text], whole=True))
    streamed = asyncio.run(_screened(engine, _cut(text, source), whole=False))
    assert _said(streamed.verdicts()) == _said(whole.verdicts())
    for verdict in whole.verdicts():
        assert verdict.decision is not Decision.ERROR, verdict.error
        for finding in verdict.findings:
            assert 0 <= finding.start <= finding.end <= len(text)
    if whole.blocked is None:
        assert streamed.text == whole.text
        assert streamed.coverage == whole.coverage
    asyncio.run(_is_screened_alike(engine, text))


class _Screened:
    """What came of one answer."""

    def __init__(self, screen: OutputScreen, text: str) -> None:
        self.verdicts = screen.verdicts
        self.coverage = screen.coverage
        self.blocked = screen.blocked
        self.text = text


async def _screened(engine: Engine, fragments: Sequence[str], *, whole: bool) -> _Screened:
    screen = engine.output(every_check.CONVERSATION, whole=whole)
    released = []
    for fragment in fragments:
        released.append(await screen.feed(Part(PATH, fragment, role="assistant")))
        assert screen.coverage.released <= screen.coverage.screened <= screen.coverage.received
    released.append(await screen.finish(PATH))
    await screen.complete()
    await screen.close()
    return _Screened(screen, "".join(released))


async def _is_screened_alike(engine: Engine, text: str) -> None:
    """Hold a request to itself: it is judged the same each time."""
    part = Part("messages[0].content", text)
    first = await engine.screen([part], every_check.CONVERSATION)
    again = await engine.screen([part], every_check.CONVERSATION)
    assert first.redacted == again.redacted
    assert _said(first.verdicts) == _said(again.verdicts)


def _said(verdicts: Sequence[Verdict]) -> list[tuple[Decision, bool, tuple[Finding, ...]]]:
    return [(verdict.decision, verdict.blocked, verdict.findings) for verdict in verdicts]


def _policy(name: str, dice: random.Random, checks: Sequence[AnyCheck]) -> Guardrail:
    action = dice.choice(list(Action))
    usable = [check for check in checks if action is not Action.REDACT or is_redactable(check)]
    chosen = tuple(dice.sample(usable, dice.randint(1, 4)))
    mode = Mode.MONITOR if dice.random() < _OBSERVING else Mode.ENFORCE
    is_sided = any(isinstance(check, OneSided) for check in chosen)
    side = frozenset({Side.OUTPUT}) if is_sided else frozenset(Side)
    return Guardrail(name, side, chosen, action, mode, timeout_s=_PATIENCE_S)


def _text(source: Source) -> str:
    pieces: list[str] = []
    for _ in range(source.ConsumeIntInRange(0, 12)):
        choice = source.ConsumeIntInRange(0, len(_PIECES) + 3)
        piece = _PIECES[choice] if choice < len(_PIECES) else source.ConsumeUnicode(8)
        pieces.append(piece[: source.ConsumeIntInRange(0, len(piece))] if choice % 5 == 0 else piece)
    return "".join(pieces)[:MAX_TEXT]


def _cut(text: str, source: Source) -> list[str]:
    fragments: list[str] = []
    at = 0
    while at < len(text):
        length = source.ConsumeIntInRange(1, 9)
        fragments.append(text[at : at + length])
        at += length
    return fragments or [""]


def main() -> None:
    """Fuzz for some minutes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    options = parser.parse_args()
    import atheris  # noqa: PLC0415 (only here: no wheel for every platform)

    made = engines()
    atheris.instrument_all()

    def one(data: bytes) -> None:
        judge(made, atheris.FuzzedDataProvider(data))

    with tempfile.TemporaryDirectory() as corpus:
        seconds = int(options.minutes * 60)
        atheris.Setup(
            [
                sys.argv[0],
                f"-max_total_time={seconds}",
                "-timeout=20",
                "-max_len=600",
                "-len_control=0",
                corpus,
            ],
            one,
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
