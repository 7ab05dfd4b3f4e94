-- Which guardrails could not decide, why, and did the exchange go on all the same?
-- Asked by: auditor.
SELECT v.guardrail, v.side, v.error, v.mode, v.blocked, count(*) AS verdicts
FROM verdicts v
WHERE v.decision = 'error'
GROUP BY v.guardrail, v.side, v.error, v.mode, v.blocked
ORDER BY verdicts DESC, v.guardrail, v.side, v.error, v.mode, v.blocked
LIMIT 100
