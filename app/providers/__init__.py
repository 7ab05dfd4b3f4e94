"""Adapters to upstreams: the only place that knows httpx."""
