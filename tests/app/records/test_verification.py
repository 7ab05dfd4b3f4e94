from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.records.signing_key import passing_signer
from app.records.verification import Asked, Verification, verify
from tests.attacks import attacks, columns
from tests.proven_records import BODY_KEYS, ProvenRecord


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def verified(record: ProvenRecord, **asked: object) -> Verification:
    url = record.engine.url.render_as_string(hide_password=False)
    keys = {"public_keys": (record.signer.public_key,), "body_keys": BODY_KEYS}
    return verify(Asked(url, **keys | asked), processes=1)  # type: ignore[arg-type]


def flaws(record: ProvenRecord, **asked: object) -> set[tuple[str, str, str]]:
    return {(flaw.table, flaw.kind, flaw.what) for flaw in verified(record, **asked).flaws}


def test_a_record_as_it_was_written_is_proven_whole(record: ProvenRecord) -> None:
    done = verified(record)
    assert (done.flaws, done.is_sound, done.key) == ([], True, "given")
    assert (done.exchanges, done.proven, done.unchained, done.sealed_bodies) == (8, 8, 0, 0)
    assert (done.writers, done.entries, done.checkpoints) == (2, 12, 4)
    assert done.rows == 8 * (1 + 2 + 2 + 2 + 2) + 10


def test_several_processes_find_the_same(record: ProvenRecord) -> None:
    record.run(f"UPDATE exchanges SET caller = 'x' WHERE id = '{record.ids[3]}'")
    url = record.engine.url.render_as_string(hide_password=False)
    done = verify(Asked(url, body_keys=BODY_KEYS), processes=2)
    assert (done.exchanges, done.proven, done.key) == (8, 7, "stated")
    assert [flaw.what for flaw in done.flaws] == [record.ids[3]]


def test_whatever_is_changed_deleted_reordered_inserted_or_cut_off_is_found_and_named(
    record: ProvenRecord,
) -> None:
    saved, unnamed = record.saved(), {}
    for statements, expected in attacks(record).items():
        record.run(*statements)
        found = flaws(record)
        if expected not in found:
            unnamed[statements] = (expected, found)
        record.restore(saved)
    assert unnamed == {}
    assert flaws(record) == set()


UNTYPED = {
    "exchanges": ("stream", "unscreened", "trace_sampled", "duration_ms", "upstream_ms", "cost_usd"),
    "verdicts": ("blocked", "complete", "duration_ms"),
    "attempts": ("cost_usd", "time_to_first_event_ms"),
    "findings": ("score",),
}


def test_a_value_of_another_type_is_refused_or_found(record: ProvenRecord) -> None:
    """`blocked = 'zz'` is false to SQLite, so the row is in no view of what was blocked."""
    saved = record.saved()
    for table, names in UNTYPED.items():
        for name in names:
            change = f"UPDATE {table} SET {name} = 'zz'"
            if record.engine.dialect.name == "postgresql":
                with pytest.raises(sa.exc.DBAPIError):
                    record.run(change)
                continue
            record.run(change)
            assert any(kind == "changed" for _, kind, _ in flaws(record)), f"{table}.{name}"
            record.restore(saved)


def test_words_that_an_event_erased_are_no_flaw_and_others_are(record: ProvenRecord) -> None:
    record.erase(record.ids[1])
    done = verified(record)
    assert (done.flaws, done.proven) == ([], 8)
    record.run(f"UPDATE exchanges SET metadata = 'x' WHERE id = '{record.ids[1]}'")
    assert flaws(record) == {("exchanges", "changed", record.ids[1])}


def _drop(record: ProvenRecord, *tables: str) -> None:
    record.run(*(f"DELETE FROM {table}" for table in tables))


def test_days_that_are_not_retained_may_be_gone_and_bodies_sooner(record: ProvenRecord) -> None:
    saved = record.saved()
    record.run("UPDATE payloads SET body = NULL")
    record.retain({"bodies_gone_before": "2026-11-23T00:00:00.000000Z"}, record.chains[1])
    assert flaws(record) == set()
    record.restore(saved)
    record.retain({"gone_before": "2026-11-23T00:00:00.000000Z"}, record.chains[1])
    _drop(record, "exchanges", "payloads", "attempts", "verdicts", "findings")
    # the event of before the restoration is in the memory of the chain alone
    assert {flaw[:2] for flaw in flaws(record)} <= {("chain", "deleted"), ("chain", "reordered")}


def test_a_chain_may_begin_where_a_retention_says(engine: sa.Engine) -> None:
    record = ProvenRecord(engine)
    first = record.chains[0].head.writer
    gone = f"writer = '{first}' AND sequence <= 4"
    with engine.connect() as connection:
        hash_ = connection.scalar(
            sa.text(f"SELECT hash FROM chain WHERE writer = '{first}' AND sequence = 4")
        )
    later = "2026-11-22T20:51:53.000000Z"
    heads = [{"writer": first, "sequence": 4, "hash": hash_}]
    detail: dict[str, object] = {"gone_before": later, "chain_gone_before": "2100", "heads": heads}
    record.retain(detail, record.chains[1])
    _drop(record, "exchanges", "payloads", "attempts", "verdicts", "findings")
    record.run(f"DELETE FROM chain WHERE {gone}")
    assert flaws(record) == set()
    record.run(f"DELETE FROM chain WHERE writer = '{first}' AND sequence = 5")
    assert flaws(record) == {("chain", "deleted", f"{first}/5")}


def test_rows_from_before_the_first_chain_are_counted(record: ProvenRecord) -> None:
    names = ", ".join(columns(record, "exchanges"))
    old = names.replace("id,", "'0198c0de-0000-7000-8000-000000000001',", 1)
    old = old.replace("started_at", "'2020-01-01T00:00:00.000000Z'", 1).replace("writer", "NULL")
    record.run(f"INSERT INTO exchanges ({names}) SELECT {old} FROM exchanges WHERE id = '{record.ids[0]}'")
    done = verified(record)
    assert (done.flaws, done.exchanges, done.proven, done.unchained) == ([], 9, 8, 1)


def test_another_key_has_signed_nothing(record: ProvenRecord) -> None:
    found = flaws(record, public_keys=(passing_signer().public_key,))
    assert {(table, kind) for table, kind, _ in found} == {("checkpoints", "unsigned")}
    assert len(found) == 4


def test_bodies_whose_key_is_not_at_hand_are_counted(record: ProvenRecord) -> None:
    done = verified(record, body_keys={})
    assert (done.flaws, done.sealed_bodies) == ([], 8)


def test_the_log_knows_of_an_end_that_the_database_does_not(record: ProvenRecord) -> None:
    second = record.chains[1].head.writer
    record.run(
        f"DELETE FROM chain WHERE writer = '{second}' AND sequence > 4",
        f"DELETE FROM checkpoints WHERE writer = '{second}' AND sequence > 4",
        *(f"DELETE FROM exchanges WHERE id = '{id_}'" for id_ in record.ids[6:]),
        *(
            f"DELETE FROM {table} WHERE exchange_id = '{id_}'"
            for id_ in record.ids[6:]
            for table in ("payloads", "attempts", "verdicts", "findings")
        ),
    )
    assert flaws(record) == set()
    lines = tuple(fields for _, _, fields in record.log.lines)
    assert flaws(record, logged=lines) == {("chain", "truncated", f"{second}/4")}


def test_what_came_before_a_moment_may_be_left_out(record: ProvenRecord) -> None:
    assert verified(record, since="2020-01-01T00:00:00.000000Z").proven == 8
    done = verified(record, since="2100-01-01T00:00:00.000000Z")
    assert (done.flaws, done.exchanges, done.entries) == ([], 0, 0)


def test_how_far_it_is_can_be_told(record: ProvenRecord) -> None:
    told: list[int] = []
    tell: Callable[[int], None] = told.append
    verify(Asked(record.engine.url.render_as_string(hide_password=False)), tell)
    assert told == [0, 0, 8], "after each stretch of a chain, and after exchanges"
