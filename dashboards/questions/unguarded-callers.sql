-- Which callers got answers that no enforcing guardrail looked at?
-- Asked by: auditor.
SELECT e.caller, count(*) AS exchanges, min(e.started_at) AS first, max(e.started_at) AS last
FROM exchanges e
WHERE e.outcome = 'ok' AND NOT EXISTS (
  SELECT 1 FROM verdicts v
  WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at AND v.side = 'output' AND v.mode = 'enforce'
)
GROUP BY e.caller
ORDER BY exchanges DESC, e.caller
LIMIT 100
