"""Spans and log lines: the only package that knows OpenTelemetry and structlog."""
