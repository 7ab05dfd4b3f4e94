-- How often each guardrail decided what on a day, and what it cost in time.
SELECT
  date(v.exchange_started_at AT TIME ZONE 'UTC') AS day,
  v.guardrail,
  v.side,
  v.mode,
  v.decision,
  count(*) AS verdicts,
  CAST(sum(CASE WHEN v.blocked THEN 1 ELSE 0 END) AS bigint) AS blocked,
  avg(v.duration_ms) AS mean_duration_ms,
  max(v.duration_ms) AS max_duration_ms
FROM verdicts v
GROUP BY 1, 2, 3, 4, 5;
