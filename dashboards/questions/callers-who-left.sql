-- How often did callers leave before the end, and after how long?
-- Asked by: engineer.
SELECT caller, model, count(*) AS exchanges, avg(duration_ms) AS mean_ms
FROM exchanges
WHERE outcome = 'cancelled'
GROUP BY caller, model
ORDER BY exchanges DESC, caller, model
LIMIT 100
