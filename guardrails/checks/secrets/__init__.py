"""The `secrets` check: credentials that a machine can tell from other text.

`check.py` puts the rules together.
"""
