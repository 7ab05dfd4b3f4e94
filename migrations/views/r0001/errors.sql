-- Exchanges that ended in an error, whose fault it was, and what the last provider asked had said.
SELECT
  e.id AS exchange_id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.trace_id,
  e.caller,
  e.outcome,
  CASE e.outcome WHEN 'rejected' THEN 'caller' WHEN 'upstream_error' THEN 'upstream' ELSE 'gateway' END AS fault,
  e.status_code,
  e.error_type,
  e.error_code,
  e.error_param,
  e.error_message,
  e.provider,
  e.model,
  last.number AS attempts,
  last.status_code AS upstream_status_code,
  last.error_type AS upstream_error_type
FROM exchanges e
LEFT JOIN attempts last ON last.exchange_id = e.id AND last.exchange_started_at = e.started_at
  AND last.number = (
    SELECT max(a.number) FROM attempts a WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at
  )
WHERE e.outcome IN ('rejected', 'upstream_error', 'failed', 'interrupted');
