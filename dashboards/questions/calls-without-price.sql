-- Which calls were answered at a price that nobody knows?
-- Asked by: finance.
SELECT provider, model, count(*) AS attempts, CAST(sum(prompt_tokens) AS bigint) AS prompt_tokens
FROM attempts
WHERE cost_usd IS NULL AND time_to_first_event_ms IS NOT NULL
GROUP BY provider, model
ORDER BY attempts DESC, provider, model
LIMIT 100
