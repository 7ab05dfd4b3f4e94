-- One row for each verdict that redacted, or (enforced is false) would have: how many places, for which rules.
SELECT
  e.id AS exchange_id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.trace_id,
  e.caller,
  e.provider,
  e.model,
  v.side,
  v.guardrail,
  v.mode = 'enforce' AS enforced,
  (
    SELECT count(*) FROM findings f
    WHERE f.exchange_id = v.exchange_id AND f.exchange_started_at = v.exchange_started_at
      AND f.verdict_number = v.number
  ) + v.findings_dropped AS places,
  v.complete,
  (
    SELECT string_agg(r.rule, ', ')
    FROM (
      SELECT DISTINCT f.rule FROM findings f
      WHERE f.exchange_id = v.exchange_id AND f.exchange_started_at = v.exchange_started_at
        AND f.verdict_number = v.number
      ORDER BY f.rule
    ) r
  ) AS rules
FROM verdicts v
JOIN exchanges e ON e.id = v.exchange_id AND e.started_at = v.exchange_started_at
WHERE v.decision = 'redact';
