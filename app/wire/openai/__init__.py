"""OpenAI's Chat Completions: what callers speak, and every API that is compatible."""
