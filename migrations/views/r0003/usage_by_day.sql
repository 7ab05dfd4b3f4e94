-- Exchanges, tokens, cost and time of a day, by caller and by what answered (NULL: nobody was asked, or
-- nobody answered). Tokens are those that providers counted for it; what the cache gave again is counted apart.
-- What every attempt cost, also of those before the last: cost_by_key.
SELECT
  date(u.started_at AT TIME ZONE 'UTC') AS day,
  u.caller,
  u.provider,
  u.model,
  count(*) AS exchanges,
  CAST(sum(CASE WHEN u.outcome = 'ok' THEN 1 ELSE 0 END) AS bigint) AS ok,
  CAST(sum(u.hits) AS bigint) AS cache_hits,
  CAST(coalesce(sum((1 - u.hits) * u.prompt_tokens), 0) AS bigint) AS prompt_tokens,
  CAST(coalesce(sum((1 - u.hits) * u.completion_tokens), 0) AS bigint) AS completion_tokens,
  CAST(coalesce(sum((1 - u.hits) * u.cached_tokens), 0) AS bigint) AS cached_tokens,
  CAST(coalesce(sum((1 - u.hits) * u.reasoning_tokens), 0) AS bigint) AS reasoning_tokens,
  CAST(coalesce(sum((1 - u.hits) * u.cache_write_tokens), 0) AS bigint) AS cache_write_tokens,
  -- of answers given again: what asking for them would have used
  CAST(coalesce(sum(u.hits * (coalesce(u.prompt_tokens, 0) + coalesce(u.completion_tokens, 0))), 0) AS bigint)
    AS saved_tokens,
  -- answered, but the provider did not say what it counted: the sums above are too small by these
  CAST(sum(CASE WHEN u.outcome = 'ok' AND u.prompt_tokens IS NULL THEN 1 ELSE 0 END) AS bigint) AS without_usage,
  sum(u.cost_usd) AS cost_usd, -- NULL: nothing is known of any
  -- an answer came, but nobody knows what it cost: the sum above is too small by these
  CAST(sum(CASE WHEN (u.outcome = 'ok' OR u.chars_received > 0) AND u.cost_usd IS NULL THEN 1 ELSE 0 END) AS bigint)
    AS without_cost,
  avg(u.duration_ms) AS mean_duration_ms,
  avg(u.overhead_ms) AS mean_overhead_ms
FROM (
  SELECT e.*, CASE WHEN e.cache_status IN ('hit', 'semantic_hit') THEN 1 ELSE 0 END AS hits FROM exchanges e
) u
GROUP BY 1, 2, 3, 4;
