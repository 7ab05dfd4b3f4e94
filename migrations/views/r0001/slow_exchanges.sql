-- The hundred slowest exchanges of each day, and whose time it was.
SELECT *
FROM (
  SELECT
    e.id AS exchange_id,
    e.started_at,
    date(e.started_at AT TIME ZONE 'UTC') AS day,
    rank() OVER (PARTITION BY date(e.started_at AT TIME ZONE 'UTC') ORDER BY e.duration_ms DESC) AS place,
    e.trace_id,
    e.caller,
    e.provider,
    e.model,
    e.stream,
    e.outcome,
    e.duration_ms,
    e.upstream_ms,
    e.overhead_ms,
    e.time_to_first_token_ms,
    e.completion_tokens
  FROM exchanges e
  WHERE e.duration_ms IS NOT NULL -- NULL: it runs, or nobody saw its end
) ranked
WHERE place <= 100;
