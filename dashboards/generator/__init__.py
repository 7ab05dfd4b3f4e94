"""What is shown, one file a dashboard: `python -m dashboards.generator` writes it down."""
