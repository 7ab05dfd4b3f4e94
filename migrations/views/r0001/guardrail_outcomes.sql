-- How often each guardrail decided what on a day, and what it cost in time.
SELECT
  date(v.exchange_started_at AT TIME ZONE 'UTC') AS day,
  v.guardrail,
  v.side,
  v.mode,
  v.decision,
  count(*) AS verdicts,
  CAST(sum(CASE WHEN v.blocked THEN 1 ELSE 0 END) AS bigint) AS blocked,
  -- verdicts of less than all there was: another guardrail had ended it, or the caller had gone
  CAST(sum(CASE WHEN v.complete THEN 0 ELSE 1 END) AS bigint) AS incomplete,
  CAST(sum(v.findings_dropped) AS bigint) AS findings_dropped,
  avg(v.duration_ms) AS mean_duration_ms,
  max(v.duration_ms) AS max_duration_ms
FROM verdicts v
GROUP BY 1, 2, 3, 4, 5;
