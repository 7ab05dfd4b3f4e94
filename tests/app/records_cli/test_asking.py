import argparse
from datetime import UTC, datetime

import pytest

from app.records.filters import Filter
from app.records.subjects import subjects_of
from app.records_cli.asking import add_filters, filter_of
from app.secret import Secret
from app.settings import Settings

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


def asked(*arguments: str, settings: Settings | None = None) -> Filter:
    parser = argparse.ArgumentParser()
    add_filters(parser)
    return filter_of(parser.parse_args(arguments), settings, NOW)


def test_options_are_a_filter() -> None:
    assert asked() == Filter()
    assert asked("--since", "1h", "--until", "today", "--caller", "a", "--caller", "b") == Filter(
        since="2026-11-22T19:00:00.000000Z", until="2026-11-22T00:00:00.000000Z", caller=("a", "b")
    )


@pytest.mark.parametrize("key", [None, "at-least-16-characters"])
def test_a_person_is_found_hidden_or_not(key: str | None) -> None:
    settings = Settings(fingerprint_key=None if key is None else Secret(key))
    assert asked("--subject", "anna", settings=settings).subject == subjects_of(
        "anna", settings.fingerprint_key
    )
