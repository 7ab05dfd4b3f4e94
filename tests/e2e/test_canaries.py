"""Planted secrets and personal data are found nowhere a gateway writes or speaks, and the search is tried.

Where they are to be found is known of each place: beside them stands a harmless word (`canaries.py`), and
where that is not found the search has not come there.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.canaries import is_at, leaked_credentials, leaks
from tests.e2e.canary_asks import elsewhere, exchanges, refusals
from tests.e2e.canary_gateway import LEVELS, Gateway, gateway
from tests.e2e.canary_sinks import Sinks, commands, files, rows, tailed
from tests.e2e.planted import GUARDRAILS
from tests.e2e.raw_otlp import RawCollector, raw_collector
from tests.e2e.rows import Database

REACHED: Mapping[str, tuple[str, ...]] = {
    "rows of exchanges": ("metadata", "body-metadata", "refusal", "config-name", "caller-none"),
    "rows of payloads": ("user-text", "file-name", "tool-result", "answer", "streamed-arguments"),
    "rows of attempts": ("model", "answered-model"),
    "rows of feedback": ("feedback", "feedback-trace"),
    "rows of inserted_logs": ("log", "log-trace"),
    "file record.db": ("user-text", "metadata"),
    "file handrail.log": ("caller-redacted", "model"),
    "spans": ("caller-hashes", "model", "streamed-model"),
    "metrics": ("caller-redacted", "caller-none"),
    "metrics over OTLP": ("caller-redacted", "caller-none"),
    "list over the network": ("metadata", "refusal"),
    "exchange over the network": ("user-text", "answer"),
    "export over the network": ("user-text", "answer", "feedback"),
    "tail over the network": ("metadata", "refusal"),
    "questions over the network": ("model",),
    "replay over the network": ("candidate",),
    "records list --limit 0": ("model",),
    "records tail": ("metadata", "refusal"),
    "body of streamed, redacted": ("streamed-model",),
    "words of streamed, redacted": ("streamed", "streamed-arguments"),
    "body of refused, none": ("refusal", "refusal-code"),
    "body of broken, hashes": ("stream-error", "stream-error-type"),
    "body of config name, redacted": ("config-name",),
}
"""Where which of the harmless words have to be found; what is on file is so for SQLite alone."""


async def _sent(asked: Gateway, collector: RawCollector) -> Sinks:
    """Return what telemetry says, once all is said: the last exchange's span, and metrics after that."""
    last = asked.ids[-1].encode()
    async with asyncio.timeout(20):
        while last not in collector.bytes_of("/v1/traces"):  # noqa: ASYNC110 (who sends is another process)
            await asyncio.sleep(0.05)
        before = len(collector.sent)
        while not any(one.path == "/v1/metrics" for one in collector.sent[before:]):  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.05)
    return {
        "spans": collector.bytes_of("/v1/traces"),
        "metrics over OTLP": collector.bytes_of("/v1/metrics"),
    }


def _found(sinks: Sinks) -> dict[str, list[str]]:
    return {name: found for name, sink in sinks.items() if (found := leaks(sink))}


async def test_what_was_planted_is_nowhere(record: Database, tmp_path: Path) -> None:
    with raw_collector() as collector:
        async with gateway(tmp_path, record.url, collector, guardrails=GUARDRAILS) as asked:
            for level in LEVELS:
                await asked.ask(exchanges(), level)
            await asked.ask(refusals(), "redacted")
            await asked.ask(elsewhere(), "redacted")
            await asked.ask(exchanges()[:1], "redacted")
            sinks = await asked.reports() | await _sent(asked, collector)
            sinks |= {"records tail": await asyncio.to_thread(tailed, record, asked.ids[-1])}
            asked.service.kill()
        sinks |= asked.told | asked.sent | rows(record) | files(tmp_path) | commands(record, asked.ids[:3])
    assert _found(sinks) == {}
    is_on_file = record.url.startswith("sqlite")
    missed = {
        (name, place)
        for name, places in REACHED.items()
        for place in places
        if (is_on_file or name != "file record.db") and not is_at(place, sinks[name])
    }
    assert missed == set(), "or the search did not come there"
    kept = "SELECT caller FROM exchanges JOIN payloads ON id = exchange_id WHERE body IS NOT NULL"
    assert {row["caller"] for row in record.query(kept)} == {"here-caller-redacted"}


async def test_a_full_record_holds_it_all_but_keys_that_were_used_and_telemetry_holds_none(
    tmp_path: Path,
) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    with raw_collector() as collector:
        async with gateway(tmp_path, record.url, collector, levels=["full"]) as asked:
            await asked.ask(exchanges(), "full")
            await asked.ask([one for one in refusals() if one.name != "unknown model"], "full")
            await asked.ask(elsewhere(), "full")
            await asked.ask(exchanges()[:1], "full")
            silent = await _sent(asked, collector)
            reports = await asked.reports()
        kept = rows(record) | files(tmp_path) | commands(record, asked.ids[:1]) | reports
    silent |= {name: kept.pop(name) for name in ("metrics", "metrics with exemplars", "file handrail.log")}
    assert _found(silent) == {}
    assert {name: leaked_credentials(sink) for name, sink in kept.items() if leaked_credentials(sink)} == {}
    everything = {"aws key", "card", "email of user-text", "github token", "iban", "phone", "private key"}
    for name in (
        "rows of payloads",
        "file record.db",
        f"records show {asked.ids[0]}",
        "exchange over the network",
        "export over the network",
    ):
        assert everything <= {*leaks(kept[name])}, f"{name}: or the search would find nothing anywhere"
    assert {"email of metadata", "email of subject"} <= {*leaks(kept["rows of exchanges"])}
    assert "email of streamed" in leaks(asked.told["words of streamed, full"])
    assert "email of user-text" in leaks(asked.sent["request upstream of whole, full"])
