-- Which parameters of requests did which providers not get?
-- Asked by: engineer.
SELECT provider, model, dropped_params, count(*) AS attempts
FROM attempts
WHERE dropped_params IS NOT NULL
GROUP BY provider, model, dropped_params
ORDER BY attempts DESC, provider, model, dropped_params
LIMIT 100
