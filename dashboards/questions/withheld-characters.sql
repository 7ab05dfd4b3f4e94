-- How much of what providers answered was held back, by outcome?
-- Asked by: auditor.
SELECT outcome, count(*) AS exchanges, CAST(sum(chars_received) AS bigint) AS received,
  CAST(sum(chars_screened) AS bigint) AS screened, CAST(sum(chars_released) AS bigint) AS released
FROM exchanges
WHERE outcome IS NOT NULL
GROUP BY outcome
ORDER BY outcome
