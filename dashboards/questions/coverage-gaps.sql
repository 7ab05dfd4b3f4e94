-- Was every released character screened? gaps must be 0.
-- Asked by: auditor.
SELECT
  count(*) AS exchanges,
  CAST(coalesce(sum(chars_received), 0) AS bigint) AS chars_received,
  CAST(coalesce(sum(chars_screened), 0) AS bigint) AS chars_screened,
  CAST(coalesce(sum(chars_released), 0) AS bigint) AS chars_released,
  count(CASE WHEN chars_released > chars_screened OR chars_screened > chars_received THEN 1 END) AS gaps
FROM exchanges
