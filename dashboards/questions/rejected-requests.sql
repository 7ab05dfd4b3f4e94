-- Which requests could not be served as they came, and what was wrong with them?
-- Asked by: engineer.
SELECT caller, status_code, error_code, error_param, count(*) AS exchanges
FROM exchanges
WHERE outcome = 'rejected'
GROUP BY caller, status_code, error_code, error_param
ORDER BY exchanges DESC, caller, status_code, error_code, error_param
LIMIT 100
