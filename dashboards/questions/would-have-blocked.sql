-- What would monitoring guardrails have done that they only watched?
-- Asked by: auditor.
SELECT v.guardrail, v.side, v.decision, v.action, count(*) AS verdicts
FROM verdicts v
WHERE v.decision <> 'pass' AND v.mode = 'monitor'
GROUP BY v.guardrail, v.side, v.decision, v.action
ORDER BY verdicts DESC, v.guardrail, v.side, v.decision, v.action
LIMIT 100
