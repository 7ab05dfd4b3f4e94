"""What can be loaded ahead of time, so that no text has to wait for it.

It is never loaded unasked: whoever only redacts e-mail addresses should not pay for it.
"""

from guardrails.checks.secrets import maintained


def load() -> None:
    """Load the maintained rules of the check `secrets`: half a second, and eight at a machine's first start.

    Blocks, so an event loop calls it in a thread: `await asyncio.to_thread(load)`. Without it the first text
    that holds something token-like waits, longer than the timeout of most guardrails.

    Raises:
        RulesUnavailable: the package is missing or does not work.
    """
    maintained.load()
