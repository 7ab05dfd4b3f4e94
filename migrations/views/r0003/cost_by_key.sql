-- What each gateway key spent on a day at which provider for which model: all attempts, also those whose answer was
-- cut, blocked or followed by another provider's. What the cache gave again is none: no provider was asked.
SELECT
  date(a.exchange_started_at AT TIME ZONE 'UTC') AS day,
  e.caller,
  a.provider,
  a.model,
  count(*) AS attempts,
  CAST(sum(CASE WHEN a.time_to_first_event_ms IS NULL THEN 0 ELSE 1 END) AS bigint) AS answers,
  CAST(coalesce(sum(a.prompt_tokens), 0) AS bigint) AS prompt_tokens,
  CAST(coalesce(sum(a.completion_tokens), 0) AS bigint) AS completion_tokens,
  CAST(coalesce(sum(a.cached_tokens), 0) AS bigint) AS cached_tokens,
  CAST(coalesce(sum(a.cache_write_tokens), 0) AS bigint) AS cache_write_tokens,
  sum(a.cost_usd) AS cost_usd, -- NULL: nothing is known of any
  -- answers of which nobody knows what they cost: the sum above is too small by these
  CAST(sum(CASE WHEN a.time_to_first_event_ms IS NOT NULL AND a.cost_usd IS NULL THEN 1 ELSE 0 END) AS bigint)
    AS without_cost
FROM attempts a
JOIN exchanges e ON e.id = a.exchange_id AND e.started_at = a.exchange_started_at
WHERE a.cached_exchange_id IS NULL
GROUP BY 1, 2, 3, 4;
