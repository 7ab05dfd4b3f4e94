-- How many bodies are kept, how, and how many are erased or were kept as hashes only?
-- Asked by: auditor.
SELECT
  kind,
  content,
  count(*) AS payloads,
  count(body) AS kept,
  count(key_id) AS encrypted,
  count(erased_at) AS erased
FROM payloads
GROUP BY kind, content
ORDER BY kind, content
