"""The options by which commands say which exchanges they mean, and where the record is."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from app.configuration.reader import configure, find
from app.records.asked_times import asked_time
from app.records.filters import BEGUN, Filter
from app.records.reading import Reading
from app.records.subjects import subjects_of
from app.records.tables import OUTCOMES
from app.settings import Settings
from guardrails.verdict import Decision

_TIMEOUT_S = 60.0


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which exchanges; most may be given again."""
    which = parser.add_argument_group("which exchanges (several values of one kind: any of them)")
    which.add_argument("--since", metavar="TIME", help="2026-11-22, 2026-11-22T20:51Z, today, 90m, 7d")
    which.add_argument("--until", metavar="TIME", help="before this moment")
    for name, metavar, help_ in (
        ("caller", "NAME", "name of the gateway key"),
        ("outcome", "WORD", f"{', '.join(OUTCOMES)}, {BEGUN}"),
        ("provider", "SLUG", "provider that answered"),
        ("model", "MODEL", "as asked for, or as the provider calls it"),
        ("guardrail", "NAME", "this guardrail gave a verdict"),
        ("decision", "WORD", f"of it, or of any: {', '.join(one.value for one in Decision)}"),
        ("subject", "PERSON", "whom it is about: _user of the metadata"),
    ):
        which.add_argument(f"--{name}", metavar=metavar, action="append", default=[], help=help_)
    which.add_argument("--trace", metavar="ID", help="trace id, ours or the caller's own")
    which.add_argument("--error", metavar="TEXT", help="stands in the error's type, code or message")


def filter_of(options: argparse.Namespace, settings: Settings | None, now: datetime | None = None) -> Filter:
    """Return which exchanges the options mean.

    Args:
        options: of `add_filters`.
        settings: for the key that hides subjects; None: they stand as they are.
        now: that `7d` counts from.

    Raises:
        BadQuestion: they mean none that there could be.
    """
    now = now or datetime.now(UTC)
    key = None if settings is None else settings.fingerprint_key
    return Filter(
        since=None if options.since is None else asked_time(options.since, now),
        until=None if options.until is None else asked_time(options.until, now),
        caller=tuple(options.caller),
        outcome=tuple(options.outcome),
        provider=tuple(options.provider),
        model=tuple(options.model),
        guardrail=tuple(options.guardrail),
        decision=tuple(options.decision),
        subject=tuple(one for name in options.subject for one in subjects_of(name, key)),
        trace=options.trace,
        error=options.error,
    )


def settings_of(options: argparse.Namespace) -> Settings | None:
    """Return the settings of the configuration that is meant; None where `--database` says all.

    Raises:
        InvalidConfiguration: it cannot be read.
    """
    if options.database is not None:
        return None
    return configure(find(options.config, os.environ, Path.cwd()), os.environ).settings


def reading_of(
    options: argparse.Namespace, settings: Settings | None, *, timeout_s: float = _TIMEOUT_S
) -> Reading:
    """Return the record that is meant, to be read.

    Raises:
        UnusableUrl: it names no database that can hold records.
    """
    url = options.database if settings is None else settings.records.url.reveal()
    return Reading(url, timeout_s=timeout_s)
