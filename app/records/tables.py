"""The tables of the record: what an exchange leaves behind, as plain rows.

Not here: how they change (`migrations/`), how rows are made (`rows.py`) and written (`inserts.py`).

    exchanges 1 ── n payloads    request and response bodies, apart, so that they can be encrypted, erased
    or expire
              1 ── n attempts    calls to providers, and hits of the cache in place of one
              1 ── n verdicts    decisions of guardrails
              1 ── n findings    the evidence for them, by `verdict_number`

Beside them: what proves them (`proof_tables.py`) and what callers report (`report_tables.py`).

Decided here:

- No foreign keys. All rows of an exchange are written in one transaction, so none is ever alone; payloads
  are meant to go sooner than their exchange; and PostgreSQL would check every child row, and forbid to drop
  a day's partition.
- Child rows carry `exchange_started_at`, and the moment is in every primary key, behind the id: PostgreSQL
  wants the partition key in each unique one. So all five tables are partitioned by the same day there
  (`partitions.py`) and joined partition by partition. A key that leads with the id is also the index that
  finds a row by its id.
- What an exchange that has only begun cannot have yet is NULL, its `outcome` too, so that a row can stand
  before anything goes upstream. One that has ended has all of it: a constraint says so, but for
  `interrupted`, of which nobody knows. `interrupted` from the start was weighed: it would be said of every
  exchange that runs.
- Ids are UUIDs with hyphens, moments are UTC with microseconds: `uuid` and `timestamptz` on PostgreSQL,
  text of fixed width on SQLite (`2026-11-22T20:51:52.123456Z`), where comparing texts compares moments.
  Both databases take and compare the same literals.
- JSON is TEXT: `jsonb` refuses the NUL character, which a model may well answer. `body::jsonb` works where
  it is absent.
- The length of a column is its bound: `rows.py` cuts longer texts, so both databases hold the same.
- Money is USD, `numeric` on PostgreSQL, which adds it up without loss: at 12 places a token of the cheapest
  models is no rounding error. SQLite has no decimal numbers; a double holds 15 digits. Text would be exact,
  but compares and sorts as text and is added up as doubles all the same; an integer of trillionths would be
  exact, but nobody could read it.
- Enumerations have no CHECK but `outcome`: SQLite cannot change one without copying its table.
"""

import sqlalchemy as sa

from app.records.columns import MOMENT, USD, UUID, metadata
from app.records.proof_tables import chain, checkpoints, holds, record_events, writers
from app.records.report_tables import feedback, inserted_logs

__all__ = [
    "OUTCOMES",
    "attempts",
    "chain",
    "checkpoints",
    "exchanges",
    "feedback",
    "findings",
    "holds",
    "inserted_logs",
    "metadata",
    "payloads",
    "record_events",
    "verdicts",
    "writers",
]

OUTCOMES = (
    "ok",
    "blocked_input",
    "blocked_output",
    "rejected",
    "upstream_error",
    "cancelled",
    "failed",
    "interrupted",
)
"""`app.domain.exchange.Outcome`, and `interrupted`: what a crash cut off, known only at the next start."""

_IN_OUTCOMES = "outcome IN ({})".format(", ".join(f"'{outcome}'" for outcome in OUTCOMES))
_WHOLE_AT_THE_END = (
    "outcome IS NULL OR outcome = 'interrupted' OR (ended_at IS NOT NULL AND status_code IS NOT NULL "
    "AND duration_ms IS NOT NULL AND upstream_ms IS NOT NULL AND overhead_ms IS NOT NULL "
    "AND chars_received IS NOT NULL AND chars_screened IS NOT NULL AND chars_released IS NOT NULL)"
)


def _tokens() -> tuple[sa.Column[int], ...]:
    """Return the columns of `Usage`; NULL: the provider did not say."""
    names = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens", "cache_write_tokens")
    return tuple(sa.Column(name, sa.Integer) for name in names)


def _child_keys() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("exchange_id", UUID, primary_key=True),
        sa.Column("exchange_started_at", MOMENT, primary_key=True),
    )


exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("started_at", MOMENT, primary_key=True),
    sa.Column("ended_at", MOMENT),
    sa.Column("trace_id", sa.String(32), nullable=False),
    sa.Column("span_id", sa.String(16), nullable=False),
    sa.Column("trace_sampled", sa.Boolean, nullable=False),
    sa.Column("caller_trace_id", sa.String(256)),
    sa.Column("caller", sa.String(64), nullable=False),
    sa.Column("policy_version", sa.String(128), nullable=False),
    sa.Column("method", sa.String(16), nullable=False),
    sa.Column("path", sa.String(256), nullable=False),
    # chat | text_completion | embeddings | proxy
    sa.Column("operation", sa.String(16), nullable=False, server_default=sa.text("'chat'")),
    # whether it held something that no guardrail can read: tokens, or a body that was passed on as it came
    sa.Column("unscreened", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("stream", sa.Boolean, nullable=False),
    sa.Column("requested_model", sa.String(256)),
    sa.Column("provider", sa.String(64)),
    sa.Column("model", sa.String(256)),
    sa.Column("outcome", sa.String(16)),  # NULL: it has begun
    sa.Column("status_code", sa.SmallInteger),
    sa.Column("error_type", sa.String(64)),
    sa.Column("error_code", sa.String(64)),
    sa.Column("error_param", sa.String(256)),
    sa.Column("error_message", sa.String(2048)),
    sa.Column("metadata", sa.String(16_384)),  # JSON object; members that do not fit are left out
    sa.Column("duration_ms", sa.Double),
    sa.Column("upstream_ms", sa.Double),  # summed over attempts; a hit has none
    sa.Column("overhead_ms", sa.Double),  # duration_ms - upstream_ms
    sa.Column("time_to_first_token_ms", sa.Double),  # until the first event was released to the caller
    *_tokens(),
    sa.Column("cost_usd", USD),  # of all attempts; NULL: unknown, 0 only where the price is, or a hit
    sa.Column("cache_status", sa.String(16)),  # of the last attempt
    sa.Column("chars_received", sa.Integer),  # code points of the provider's answer
    sa.Column("chars_screened", sa.Integer),
    sa.Column("chars_released", sa.Integer),
    sa.Column(
        "record_error", sa.String(64)
    ),  # why this row stands alone, its details refused; NULL: it is whole
    sa.Column("writer", UUID),  # whose chain it is in; NULL: written before there was one
    # whom it is about: `_user` of the metadata, or its HMAC under `fingerprint_key`
    sa.Column("subject", sa.String(256)),
    sa.Column("erasable_salt", sa.String(32)),  # hex
    # what the chain knows of `metadata`, `subject` and the like (`canonical.py`); hex
    sa.Column("erasable_hash", sa.String(64)),
    sa.CheckConstraint(
        "0 <= chars_released AND chars_released <= chars_screened AND chars_screened <= chars_received",
        name="coverage",
    ),
    sa.CheckConstraint(_IN_OUTCOMES, name="outcome"),
    sa.CheckConstraint(_WHOLE_AT_THE_END, name="end"),
    sa.Index(None, "started_at"),
    sa.Index(None, "trace_id"),
    sa.Index(None, "caller", "started_at"),
    sa.Index(None, "outcome", "started_at"),
    sa.Index(
        "exchanges_caller_trace_id_started_at_idx",
        "caller_trace_id",
        "started_at",
        postgresql_where=sa.text("caller_trace_id IS NOT NULL"),
        sqlite_where=sa.text("caller_trace_id IS NOT NULL"),
    ),
    sa.Index(
        "exchanges_subject_started_at_idx",
        "subject",
        "started_at",
        postgresql_where=sa.text("subject IS NOT NULL"),
        sqlite_where=sa.text("subject IS NOT NULL"),
    ),
)

payloads = sa.Table(
    "payloads",
    metadata,
    *_child_keys(),
    sa.Column("kind", sa.String(16), primary_key=True),  # request | response
    sa.Column("content", sa.String(16), nullable=False),  # full | redacted: what was done to the body
    # JSON; where `key_id` says so base64 of nonce and encrypted JSON; NULL: erased, or only hashes are kept
    sa.Column("body", sa.Text),
    sa.Column("salt", sa.String(32)),  # hex; NULL: erased
    sa.Column("hash", sa.String(64)),  # sha256(salt || JSON), hex: stays when the body goes
    sa.Column("key_id", sa.String(64)),  # of the key it is encrypted with
    sa.Column("erased_at", MOMENT),
)

attempts = sa.Table(
    "attempts",
    metadata,
    *_child_keys(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # from 1
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_kind", sa.String(32), nullable=False),
    sa.Column("model", sa.String(256), nullable=False),
    sa.Column("server_address", sa.String(256), nullable=False),
    sa.Column("server_port", sa.Integer, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("duration_ms", sa.Double),
    sa.Column("time_to_first_event_ms", sa.Double),
    sa.Column("status_code", sa.SmallInteger),  # NULL: the provider never answered
    sa.Column("error_type", sa.String(64)),
    sa.Column("response_id", sa.String(256)),
    sa.Column("response_model", sa.String(256)),
    sa.Column("finish_reasons", sa.String(256)),  # one a choice, joined with commas
    *_tokens(),
    sa.Column("cost_usd", USD),
    sa.Column("dropped_params", sa.String(2048)),  # names of parameters that were not sent, with commas
    # hit | semantic_hit | miss | semantic_miss | refresh; NULL: the cache was not asked
    sa.Column("cache_status", sa.String(16)),
    sa.Column("cached_exchange_id", UUID),  # of a hit: where the answer comes from; no provider was asked
    sa.Column("cache_similarity", sa.Double),  # of a semantic_hit: the cosine of the two questions
    sa.Column("span_id", sa.String(16), nullable=False),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    *_child_keys(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # from 1, over both sides
    sa.Column("guardrail", sa.String(64), nullable=False),
    sa.Column("side", sa.String(16), nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("blocked", sa.Boolean, nullable=False),
    sa.Column("error", sa.String(256)),
    sa.Column("started_at", MOMENT),
    sa.Column("duration_ms", sa.Double, nullable=False),
    sa.Column("findings_dropped", sa.Integer, nullable=False),  # found, but beyond the rows in `findings`
    sa.Column("complete", sa.Boolean, nullable=False),  # whether its checks saw all there was
    sa.Index(
        "verdicts_fired_idx",
        "decision",
        "exchange_started_at",
        postgresql_where=sa.text("decision <> 'pass'"),
        sqlite_where=sa.text("decision <> 'pass'"),
    ),
)

findings = sa.Table(
    "findings",
    metadata,
    *_child_keys(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # from 1, over all verdicts
    sa.Column("verdict_number", sa.Integer, nullable=False),
    sa.Column("check_kind", sa.String(64), nullable=False),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("part", sa.String(512), nullable=False),  # path in the request or answer
    sa.Column("start_offset", sa.Integer, nullable=False),  # code points of the original part
    sa.Column("end_offset", sa.Integer, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)
