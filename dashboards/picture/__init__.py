"""One picture of what the dashboards answer, drawn from a record: `python -m dashboards.picture`.

For where there is no Grafana: a report, a page of documentation, the README here. It asks the same views as
the dashboards' SQL panels, of SQLite or PostgreSQL, and only reads. Not here: what is measured and not on
record, which Prometheus knows.
"""
