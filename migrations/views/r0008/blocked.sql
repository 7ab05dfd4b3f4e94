-- One row for each verdict that ended an exchange: which guardrail, on which side, for which rules. What was blocked
-- before a provider was asked has no provider; its model is the one that was asked for, as the caller wrote it.
SELECT
  e.id AS exchange_id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.trace_id,
  e.caller,
  e.provider,
  coalesce(e.model, e.requested_model) AS model,
  e.outcome,
  v.side,
  v.guardrail,
  v.decision,
  v.error,
  (
    SELECT string_agg(r.rule, ', ')
    FROM (
      SELECT DISTINCT f.rule FROM findings f
      WHERE f.exchange_id = v.exchange_id AND f.exchange_started_at = v.exchange_started_at
        AND f.verdict_number = v.number
      ORDER BY f.rule
    ) r
  ) AS rules,
  e.chars_received,
  e.chars_released,
  e.policy_version
FROM verdicts v
JOIN exchanges e ON e.id = v.exchange_id AND e.started_at = v.exchange_started_at
WHERE v.decision <> 'pass' AND v.blocked;
