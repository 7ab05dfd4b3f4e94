-- One flat row an exchange: who asked what of whom, how it ended, how long it took, what it used and
-- cost, whether its answer came from the cache, what could not be asked for, what fired.
SELECT
  e.id AS exchange_id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.trace_id,
  e.caller,
  e.caller_trace_id,
  e.policy_version,
  e.operation,
  e.unscreened, -- held something that no guardrail can read
  e.stream,
  e.requested_model,
  e.provider,
  e.model,
  (SELECT a.provider FROM attempts a
    WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at AND a.number = 1) AS first_provider,
  (SELECT a.model FROM attempts a
    WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at AND a.number = 1) AS first_model,
  (SELECT count(*) FROM attempts a WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at) AS attempts,
  e.outcome,
  e.status_code,
  e.error_type,
  e.error_code,
  e.duration_ms,
  e.upstream_ms,
  e.overhead_ms,
  e.time_to_first_token_ms,
  e.prompt_tokens,
  e.completion_tokens,
  e.cached_tokens,
  e.reasoning_tokens,
  e.cache_write_tokens,
  coalesce(e.prompt_tokens, 0) + coalesce(e.completion_tokens, 0) AS total_tokens,
  e.cost_usd, -- NULL: unknown
  -- hit, semantic_hit: the tokens above are those of the answer when it was made; NULL: no config let it use the cache
  e.cache_status,
  -- of a hit: the exchange in which a provider gave this answer
  (SELECT a.cached_exchange_id FROM attempts a
    WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at
      AND a.number = (
        SELECT max(l.number) FROM attempts l WHERE l.exchange_id = e.id AND l.exchange_started_at = e.started_at
      )) AS cached_exchange_id,
  -- parameters of the request that the last provider asked could not be asked for
  (SELECT a.dropped_params FROM attempts a
    WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at
      AND a.number = (
        SELECT max(l.number) FROM attempts l WHERE l.exchange_id = e.id AND l.exchange_started_at = e.started_at
      )) AS dropped_params,
  e.chars_received,
  e.chars_screened,
  e.chars_released,
  -- 'input:privacy=redact, output:no-secrets=block'; what monitoring guardrails only said has a question mark
  (
    SELECT string_agg(f.fired, ', ')
    FROM (
      SELECT
        v.side || ':' || v.guardrail || '=' || v.decision || CASE WHEN v.mode = 'monitor' THEN '?' ELSE '' END AS fired
      FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at AND v.decision <> 'pass'
      ORDER BY v.number
    ) f
  ) AS guardrails_fired,
  (SELECT count(*) FROM findings f WHERE f.exchange_id = e.id AND f.exchange_started_at = e.started_at)
    + (
      SELECT CAST(coalesce(sum(v.findings_dropped), 0) AS bigint) FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at
    ) AS findings,
  e.record_error
FROM exchanges e;
