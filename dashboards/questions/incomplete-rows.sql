-- Which exchanges are not on record as a whole: cut off by a crash, still under way, or refused by the database?
-- Asked by: auditor.
SELECT id AS exchange_id, started_at, caller, outcome, record_error
FROM exchanges
WHERE outcome IS NULL OR outcome = 'interrupted' OR record_error IS NOT NULL
ORDER BY started_at DESC, id
LIMIT 100
