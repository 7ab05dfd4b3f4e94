-- Which providers failed, with what, how often?
-- Asked by: engineer.
SELECT provider, model, status_code, error_type, count(*) AS attempts
FROM attempts
WHERE error_type IS NOT NULL
GROUP BY provider, model, status_code, error_type
ORDER BY attempts DESC, provider, model, status_code, error_type
LIMIT 100
