"""The `code` check: which languages a text has code in."""
