"""The deterministic checks, one file or package each; `guardrails/config.py` lists them by kind."""
