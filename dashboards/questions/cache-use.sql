-- What became of look-ups in the cache, by model?
-- Asked by: engineer.
SELECT model, cache_status, count(*) AS exchanges, avg(duration_ms) AS mean_ms
FROM exchanges
WHERE cache_status IS NOT NULL
GROUP BY model, cache_status
ORDER BY model, cache_status
LIMIT 100
