"""What the tests plant and look for: personal data and a key that belong to nobody."""

from app.demo.example import EMAIL, KEY

GUARDRAILS = """
guardrails:
  privacy:
    on: [input, output]
    checks: [{pii: {entities: [email, phone, card, iban, us_ssn, ip]}}]
    action: redact
  no-secrets: {on: [input, output], checks: [{secrets: {}}], action: redact}
  no-override: {on: [input], checks: [{words: {deny: ["ignore all previous instructions"]}}], action: block}
  no-launch: {on: [output], checks: [{words: {deny: ["launch code"]}}], action: block}
"""

__all__ = ["EMAIL", "GUARDRAILS", "KEY"]
