-- How long does Handrail itself take beside waiting for providers, by outcome?
-- Asked by: engineer.
SELECT outcome, count(*) AS exchanges, avg(overhead_ms) AS mean_overhead_ms, max(overhead_ms) AS max_overhead_ms
FROM exchanges
WHERE overhead_ms IS NOT NULL
GROUP BY outcome
ORDER BY exchanges DESC, outcome
