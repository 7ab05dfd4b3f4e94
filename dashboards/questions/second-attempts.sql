-- How often was a first provider not enough, and who answered instead?
-- Asked by: engineer.
SELECT f.provider AS first_provider, l.provider AS last_provider, count(*) AS exchanges,
  CAST(sum(CASE WHEN l.error_type IS NULL THEN 1 ELSE 0 END) AS bigint) AS answered
FROM attempts l
JOIN attempts f ON f.exchange_id = l.exchange_id AND f.exchange_started_at = l.exchange_started_at AND f.number = 1
WHERE l.number > 1 AND NOT EXISTS (
  SELECT 1 FROM attempts n
  WHERE n.exchange_id = l.exchange_id AND n.exchange_started_at = l.exchange_started_at AND n.number > l.number
)
GROUP BY f.provider, l.provider
ORDER BY exchanges DESC, f.provider, l.provider
LIMIT 100
