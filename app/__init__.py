"""The gateway: HTTP, access, routing, providers, pipeline, records."""
