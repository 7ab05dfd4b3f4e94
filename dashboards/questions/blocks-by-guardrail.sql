-- Which guardrails ended exchanges, on which side, how often and for whom?
-- Asked by: auditor.
SELECT v.guardrail, v.side, v.decision, e.caller, count(*) AS exchanges
FROM verdicts v
JOIN exchanges e ON e.id = v.exchange_id AND e.started_at = v.exchange_started_at
WHERE v.decision <> 'pass' AND v.blocked
GROUP BY v.guardrail, v.side, v.decision, e.caller
ORDER BY exchanges DESC, v.guardrail, v.side, v.decision, e.caller
LIMIT 100
