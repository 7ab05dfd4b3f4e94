-- Exchanges, tokens, cost and time of a day, by caller and by what answered (NULL: nobody was asked, or
-- nobody answered). What every attempt cost, also of those before the last: cost_by_key.
SELECT
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.caller,
  e.provider,
  e.model,
  count(*) AS exchanges,
  CAST(sum(CASE WHEN e.outcome = 'ok' THEN 1 ELSE 0 END) AS bigint) AS ok,
  CAST(coalesce(sum(e.prompt_tokens), 0) AS bigint) AS prompt_tokens,
  CAST(coalesce(sum(e.completion_tokens), 0) AS bigint) AS completion_tokens,
  CAST(coalesce(sum(e.cached_tokens), 0) AS bigint) AS cached_tokens,
  CAST(coalesce(sum(e.reasoning_tokens), 0) AS bigint) AS reasoning_tokens,
  CAST(coalesce(sum(e.cache_write_tokens), 0) AS bigint) AS cache_write_tokens,
  -- answered, but the provider did not say what it counted: the sums above are too small by these
  CAST(sum(CASE WHEN e.outcome = 'ok' AND e.prompt_tokens IS NULL THEN 1 ELSE 0 END) AS bigint) AS without_usage,
  sum(e.cost_usd) AS cost_usd, -- NULL: nothing is known of any
  -- an answer came, but nobody knows what it cost: the sum above is too small by these
  CAST(sum(CASE WHEN (e.outcome = 'ok' OR e.chars_received > 0) AND e.cost_usd IS NULL THEN 1 ELSE 0 END) AS bigint)
    AS without_cost,
  avg(e.duration_ms) AS mean_duration_ms,
  avg(e.overhead_ms) AS mean_overhead_ms
FROM exchanges e
GROUP BY 1, 2, 3, 4;
