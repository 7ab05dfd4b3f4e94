-- What was found, by rule, on which side, in how many exchanges?
-- Asked by: auditor.
SELECT f.check_kind, f.rule, v.side, count(*) AS findings, count(DISTINCT f.exchange_id) AS exchanges
FROM findings f
JOIN verdicts v ON v.exchange_id = f.exchange_id AND v.exchange_started_at = f.exchange_started_at
  AND v.number = f.verdict_number
GROUP BY f.check_kind, f.rule, v.side
ORDER BY findings DESC, f.check_kind, f.rule, v.side
LIMIT 100
