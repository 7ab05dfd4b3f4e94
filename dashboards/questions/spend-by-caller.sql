-- What did each gateway key spend, on how many exchanges and tokens?
-- Asked by: finance.
SELECT caller, count(*) AS exchanges,
  -- what the cache gave again was counted when it was made
  CAST(sum(CASE WHEN cache_status IN ('hit', 'semantic_hit') THEN 0 ELSE prompt_tokens END) AS bigint) AS prompt_tokens,
  CAST(sum(CASE WHEN cache_status IN ('hit', 'semantic_hit') THEN 0 ELSE completion_tokens END) AS bigint)
    AS completion_tokens,
  sum(cost_usd) AS cost_usd,
  CAST(sum(CASE WHEN cost_usd IS NULL THEN 1 ELSE 0 END) AS bigint) AS without_cost
FROM exchanges
GROUP BY caller
ORDER BY caller
