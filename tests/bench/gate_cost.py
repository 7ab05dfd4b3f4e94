"""What the gate costs: a streamed answer, token by token, with a remote check that answers at once.

    .venv/bin/python -m tests.bench.gate_cost

CPU time, so that a busy machine disturbs it little. Prints microseconds a token without guardrails, with a
local check, and with that and a remote check of sentences, and what one of its questions costs at most.
"""

import asyncio
import time

from guardrails import Engine, Guardrail, Part
from tests.guardrails.planted import Says, Word, policy

PATH = "choices[0].message.content"
SENTENCE = "Nobody was quite sure who had drawn them; the engineer said so twice, and sat down again. "
TOKENS = [f"{word} " for word in (SENTENCE * 40).split()]
ROUNDS = 25


async def streamed(engine: Engine) -> float:
    """Return the seconds that it took to screen the answer."""
    screen = engine.output()
    begun = time.process_time()
    for token in TOKENS:
        await screen.feed(Part(PATH, token, role="assistant"))
    await screen.finish(PATH)
    await screen.close()
    return time.process_time() - begun


def measured(name: str, *guardrails: Guardrail) -> float:
    """Print and return the microseconds a token."""
    engine = Engine(guardrails, b"key of the benchmark")
    token_us = min(asyncio.run(streamed(engine)) for _ in range(ROUNDS)) / len(TOKENS) * 1e6
    print(f"{name:<32}{token_us:>8.2f} us a token")
    return token_us


def main() -> None:
    """Measure and print."""
    print(f"{len(TOKENS)} tokens, {len(''.join(TOKENS))} characters, CPU time, best of {ROUNDS}")
    local = policy(Word("email", r"[a-z]+@[a-z]+"), name="local")
    measured("no guardrail")
    alone = measured("a local check", local)
    says = Says("rude", "rude")
    gated = measured("and a remote one behind the gate", local, policy(says, name="remote"))
    asked = len(says.judged) // ROUNDS
    each_us = (gated - alone) * len(TOKENS) / asked
    print(f"{asked} questions an answer; {each_us:.0f} us each, if the gate cost nothing else")


if __name__ == "__main__":
    main()
