-- What was done to the record itself: erasures, retention, holds, keys?
-- Asked by: auditor.
SELECT kind, actor, count(*) AS events, CAST(sum(exchanges) AS bigint) AS exchanges, min(at) AS first, max(at) AS last
FROM record_events
GROUP BY kind, actor
ORDER BY kind, actor
