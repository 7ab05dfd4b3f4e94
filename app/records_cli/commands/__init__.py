"""One file a command. Each has `add`, which adds it to `handrail records`; `group.py` finds them."""
