-- Which single exchanges cost most?
-- Asked by: finance.
SELECT id AS exchange_id, started_at, caller, provider, model, prompt_tokens, completion_tokens, cost_usd
FROM exchanges
WHERE cost_usd > 0
ORDER BY cost_usd DESC, id
LIMIT 50
