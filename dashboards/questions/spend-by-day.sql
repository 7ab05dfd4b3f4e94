-- What was spent on each day?
-- Asked by: finance.
SELECT day, CAST(sum(exchanges) AS bigint) AS exchanges, sum(cost_usd) AS cost_usd,
  CAST(sum(without_cost) AS bigint) AS without_cost
FROM usage_by_day
GROUP BY day
ORDER BY day DESC
LIMIT 100
