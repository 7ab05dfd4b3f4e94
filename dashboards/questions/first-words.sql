-- How long do callers of streams wait for the first words, by model?
-- Asked by: engineer.
SELECT provider, model, count(*) AS streams, avg(time_to_first_token_ms) AS mean_ms, max(time_to_first_token_ms) AS max_ms
FROM exchanges
WHERE stream AND time_to_first_token_ms IS NOT NULL
GROUP BY provider, model
ORDER BY streams DESC, provider, model
LIMIT 100
