-- What must not be erased or removed now, by whose word and why?
-- Asked by: auditor.
SELECT created_at, created_by, reason, exchange_id, subject, held_from, held_until
FROM holds
WHERE released_at IS NULL
ORDER BY created_at DESC, id
