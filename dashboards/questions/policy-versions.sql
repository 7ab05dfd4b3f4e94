-- Under which versions of the configuration did exchanges run, from when to when?
-- Asked by: auditor.
SELECT policy_version, count(*) AS exchanges, min(started_at) AS first, max(started_at) AS last
FROM exchanges
GROUP BY policy_version
ORDER BY first, policy_version
LIMIT 100
