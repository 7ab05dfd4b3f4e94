"""Labelled cases, tried against the guardrails of a configuration: `handrail guard test`."""
