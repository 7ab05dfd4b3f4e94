"""The `chat_guard` check: models that were trained to judge conversations, each family with its own words."""
