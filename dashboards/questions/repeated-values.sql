-- Which values were found in more than one exchange? A fingerprint stands for a value that is not on record.
-- Asked by: auditor.
SELECT f.fingerprint, f.check_kind, f.rule, count(DISTINCT f.exchange_id) AS exchanges,
  min(f.exchange_started_at) AS first_seen, max(f.exchange_started_at) AS last_seen
FROM findings f
GROUP BY f.fingerprint, f.check_kind, f.rule
HAVING count(DISTINCT f.exchange_id) > 1
ORDER BY exchanges DESC, f.fingerprint, f.check_kind, f.rule
LIMIT 100
