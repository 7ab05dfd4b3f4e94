-- What was found on a day: places, exchanges they were in, and different values (by fingerprint) among them.
-- Only findings that were kept: verdicts.findings_dropped says how many more there were.
SELECT
  date(f.exchange_started_at AT TIME ZONE 'UTC') AS day,
  f.check_kind,
  f.rule,
  v.side,
  v.guardrail,
  count(*) AS findings,
  count(DISTINCT f.exchange_id) AS exchanges,
  count(DISTINCT f.fingerprint) AS different_values,
  min(f.score) AS min_score
FROM findings f
JOIN verdicts v ON v.exchange_id = f.exchange_id AND v.exchange_started_at = f.exchange_started_at
  AND v.number = f.verdict_number
GROUP BY 1, 2, 3, 4, 5;
