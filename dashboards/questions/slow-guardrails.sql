-- Which guardrails take the most time?
-- Asked by: engineer.
SELECT guardrail, side, count(*) AS verdicts, avg(duration_ms) AS mean_ms, max(duration_ms) AS max_ms,
  sum(duration_ms) AS total_ms
FROM verdicts
GROUP BY guardrail, side
ORDER BY total_ms DESC, guardrail, side
LIMIT 50
