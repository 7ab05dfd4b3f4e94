-- Which exchanges took longest, and where was the time spent?
-- Asked by: engineer.
SELECT id AS exchange_id, trace_id, caller, provider, model, outcome, duration_ms, upstream_ms, overhead_ms
FROM exchanges
WHERE duration_ms IS NOT NULL
ORDER BY duration_ms DESC, id
LIMIT 50
