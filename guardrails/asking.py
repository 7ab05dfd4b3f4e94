"""The edge of a check: the one place where whatever a check may do becomes an `Outcome`.

A check is foreign code. It may raise, take too long or answer rubbish, and none of these may pass for
"nothing found". Of an exception only its class is kept, for its text may quote what was screened.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import msgspec

from guardrails.check import (
    Check,
    ConversationCheck,
    ExchangeCheck,
    Match,
    Passage,
    Remark,
    RemoteCheck,
    RemoteExchangeCheck,
    Run,
    Subject,
)
from guardrails.conversation import Conversation
from guardrails.view import AS_IT_STANDS

TIMEOUT = "timeout"
"""`Verdict.error` of a check that took too long."""

_THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="guardrails")
"""Apart from those of the event loop: texts that outlast their time shall keep nobody else waiting. What has
no thread by then has run out of time like what has one."""

_Result = TypeVar("_Result")

_NO_MATCHES: tuple[Sequence[Match], ...] = ([], ())
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class Outcome(msgspec.Struct, frozen=True):
    """What came of asking one check once."""

    matches: tuple[Match, ...] = ()
    error: str | None = None
    """None if it answered; else `timeout` or the name of the exception."""
    duration_ns: int = 0
    remarks: tuple[Remark, ...] = ()
    """Of a check about exchanges, instead of matches."""
    partial: bool = False
    """Whether it was not asked about all of a text, because others have blocked."""


NOTHING = Outcome()
"""What a check has said that found nothing, and took less than `_BRIEF_NS`."""
_BRIEF_NS = 50_000
"""Less is not worth telling apart: a stream asks several checks for each of its tokens."""


class UnsoundMatches(Exception):
    """A check answered something that is no sequence of matches inside what it was asked about."""


class UnsoundRemarks(Exception):
    """A check answered something that is no sequence of remarks."""


class _Unbound:
    """Stands for the check of a conversation that could not be made: it fails whenever it is asked."""

    triggers: tuple[str, ...] = ()
    views = AS_IT_STANDS

    def __init__(self, check: ConversationCheck, error: Exception) -> None:
        self.kind = check.kind
        self.redactable = check.redactable
        self._error = error

    def find(self, run: Run) -> Sequence[Match]:  # noqa: ARG002 (as any check)
        raise self._error

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (as any check)
        return False


def scannable(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD, so that it can be encoded; offsets stay."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def ask(check: Check, run: Run) -> Outcome:
    """Ask a local check about a run of scannable text."""
    begun = time.perf_counter_ns()
    try:
        matches = check.find(run)
        if matches not in _NO_MATCHES:  # as most are, and quicker than to ask what a sequence is
            matches = _sound(matches, len(run.text), last=run.last)
    except Exception as error:  # noqa: BLE001 (a check may raise anything; that is its verdict)
        return Outcome(error=_name(error), duration_ns=time.perf_counter_ns() - begun)
    took_ns = time.perf_counter_ns() - begun
    return NOTHING if not matches and took_ns < _BRIEF_NS else Outcome(tuple(matches), duration_ns=took_ns)


async def ask_in_thread(asked: Callable[[], Outcome], timeout_s: float) -> Outcome:
    """Ask a local check in a thread, so that a long text does not block the loop.

    A thread cannot be stopped: on timeout the loop goes on and the thread ends by itself, unheard.
    """
    return await _in_time(lambda: in_thread(asked), timeout_s)


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """Do something in one of the threads for checks, which nobody else waits for."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def bind(check: ConversationCheck, conversation: Conversation) -> Check:
    """Return the check of a conversation; where that fails, one that fails on every text."""
    try:
        return check.of(conversation)
    except Exception as error:  # noqa: BLE001 (as in `ask`)
        return _Unbound(check, error)


def ask_exchange(check: ExchangeCheck, subject: Subject) -> Outcome:
    """Ask a check about one side of an exchange."""
    begun = time.perf_counter_ns()
    try:
        remarks = _sound_remarks(check.examine(subject))
    except Exception as error:  # noqa: BLE001 (as in `ask`)
        return Outcome(error=_name(error), duration_ns=time.perf_counter_ns() - begun)
    return Outcome(remarks=remarks, duration_ns=time.perf_counter_ns() - begun)


async def ask_exchange_in_thread(check: ExchangeCheck, subject: Subject, timeout_s: float) -> Outcome:
    """Ask it in a thread, as `ask_in_thread` does."""
    return await _in_time(lambda: in_thread(partial(ask_exchange, check, subject)), timeout_s)


async def ask_remote_exchange(check: RemoteExchangeCheck, subject: Subject, timeout_s: float) -> Outcome:
    """Ask a check that asks another service about one side of an exchange."""

    async def asked() -> Outcome:
        return Outcome(remarks=_sound_remarks(await check.consider(subject)))

    return await _in_time(asked, timeout_s)


async def ask_remote(
    check: RemoteCheck, passage: Passage, timeout_s: float, slots: asyncio.Semaphore, *, last: bool = True
) -> Outcome:
    """Ask another service about a passage once there is a slot; waiting for one counts as time it takes.

    Args:
        check: knows the service.
        passage: what it is asked about.
        timeout_s: how long it may take.
        slots: as many as there may be questions at once.
        last: whether the part ends with the passage.
    """
    text, part = scannable(passage.text), passage.part
    if text is not passage.text:
        part = msgspec.structs.replace(part, text=text)
    passage = msgspec.structs.replace(passage, text=text, part=part, before=scannable(passage.before))

    async def asked() -> Outcome:
        async with slots:
            return Outcome(_sound(await check.judge(passage), len(passage.text), last=last))

    return await _in_time(asked, timeout_s)


def first_open(checks: Sequence[Check], text: str, start: int) -> tuple[int, str | None] | None:
    """Ask checks in turn whether a match may continue behind a scannable text, until one says so.

    It is asked of every check for every token of a stream, so nothing else is done here.

    Returns:
        The index of the first that says so, or fails to say, and then the name of the exception; else None.
    """
    index = 0
    try:
        for index, check in enumerate(checks):
            if check.is_open(text, start):
                return index, None
    except Exception as error:  # noqa: BLE001 (as in `ask`)
        return index, _name(error)
    return None


async def _in_time(asked: Callable[[], Awaitable[Outcome]], timeout_s: float) -> Outcome:
    begun = time.perf_counter_ns()
    outcome = Outcome()
    failure: str | None = None
    try:
        async with asyncio.timeout(timeout_s):
            outcome = await asked()
            failure = outcome.error
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        failure = "CancelledError"  # the check was cancelled from within, we were not
    except Exception as error:  # noqa: BLE001 (as in `ask`)
        failure = _name(error)
    return Outcome(outcome.matches, failure, time.perf_counter_ns() - begun, outcome.remarks)


def _name(error: Exception) -> str:
    return TIMEOUT if isinstance(error, TimeoutError) else type(error).__name__


def _sound(answer: object, length: int, *, last: bool) -> tuple[Match, ...]:
    if not isinstance(answer, Sequence):
        raise UnsoundMatches
    for match in answer:
        if not (isinstance(match, Match) and _has_sound_types(match)):
            raise UnsoundMatches
        if not 0 <= match.start <= match.end <= length:
            raise UnsoundMatches
        if match.start == length and not last:  # it stands in the next run, if there is one
            raise UnsoundMatches
    return tuple(answer)


def _sound_remarks(answer: object) -> tuple[Remark, ...]:
    if not isinstance(answer, Sequence):
        raise UnsoundRemarks
    for remark in answer:
        if not (isinstance(remark, Remark) and isinstance(remark.rule, str) and isinstance(remark.path, str)):
            raise UnsoundRemarks
        if not isinstance(remark.score, float | int):
            raise UnsoundRemarks
    return tuple(answer)


def _has_sound_types(match: Match) -> bool:
    return (
        isinstance(match.start, int)
        and isinstance(match.end, int)
        and isinstance(match.rule, str)
        and isinstance(match.score, float | int)
        and isinstance(match.replacement, str | None)
    )
