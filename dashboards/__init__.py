"""Dashboards, alerts and questions about what Handrail measures and records, and a stack to show them in.

`python -m dashboards.generator` writes `grafana/*.json`, `prometheus/alerts.yaml` and `jaeger-ui.json` from
`telemetry/instruments.py` and the views of the record; a test holds them to be current.
"""
