-- What did each model cost at each provider?
-- Asked by: finance.
SELECT provider, model, count(*) AS attempts, CAST(sum(prompt_tokens) AS bigint) AS prompt_tokens,
  CAST(sum(completion_tokens) AS bigint) AS completion_tokens, sum(cost_usd) AS cost_usd
FROM attempts
WHERE cached_exchange_id IS NULL
GROUP BY provider, model
ORDER BY provider, model
LIMIT 200
