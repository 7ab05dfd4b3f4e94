-- What no enforcing guardrail looked at, one row for each side of an exchange: an input that went to a provider, an
-- answer of which something was released. 'unreadable' is what no guardrail can look at: tokens in place of texts, and
-- either side of what was passed on as it came. 'released_unscreened' cannot be: a constraint of exchanges forbids it.
SELECT
  e.id AS exchange_id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC') AS day,
  e.trace_id,
  e.caller,
  e.provider,
  e.model,
  e.operation,
  'input' AS side,
  CASE
    WHEN e.unscreened THEN 'unreadable'
    WHEN EXISTS (
      SELECT 1 FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at AND v.side = 'input' AND v.mode = 'enforce'
    ) THEN 'guardrail_failed'
    ELSE 'no_guardrail'
  END AS reason,
  e.chars_screened,
  e.chars_released
FROM exchanges e
WHERE EXISTS (
    SELECT 1 FROM attempts a
    WHERE a.exchange_id = e.id AND a.exchange_started_at = e.started_at AND a.cached_exchange_id IS NULL
  )
  AND (
    e.unscreened
    OR NOT EXISTS (
      SELECT 1 FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at
        AND v.side = 'input' AND v.mode = 'enforce' AND v.decision <> 'error'
    )
  )
UNION ALL
SELECT
  e.id,
  e.started_at,
  date(e.started_at AT TIME ZONE 'UTC'),
  e.trace_id,
  e.caller,
  e.provider,
  e.model,
  e.operation,
  'output',
  CASE
    WHEN e.operation = 'proxy' THEN 'unreadable'
    WHEN e.chars_released > e.chars_screened THEN 'released_unscreened'
    WHEN EXISTS (
      SELECT 1 FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at AND v.side = 'output' AND v.mode = 'enforce'
    ) THEN 'guardrail_failed'
    ELSE 'no_guardrail'
  END,
  e.chars_screened,
  e.chars_released
FROM exchanges e
WHERE e.chars_released > e.chars_screened
  OR (e.operation = 'proxy' AND e.time_to_first_token_ms IS NOT NULL)
  OR (
    e.chars_released > 0
    AND NOT EXISTS (
      SELECT 1 FROM verdicts v
      WHERE v.exchange_id = e.id AND v.exchange_started_at = e.started_at
        AND v.side = 'output' AND v.mode = 'enforce' AND v.decision <> 'error'
    )
  );
