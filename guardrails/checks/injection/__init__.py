"""The `injection` check: phrases by which people take models over. Guesses, to be watched rather than obeyed.

`check.py` puts the families together.
"""
