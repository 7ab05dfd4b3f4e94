"""Guardrails hear again what was said before: texts of test cases, exchanges that stand on record."""
