-- What was paid for answers that nobody got: blocked, failed or cut off?
-- Asked by: finance.
SELECT outcome, caller, count(*) AS exchanges, sum(cost_usd) AS cost_usd
FROM exchanges
WHERE outcome <> 'ok' AND cost_usd > 0
GROUP BY outcome, caller
ORDER BY outcome, caller
LIMIT 100
