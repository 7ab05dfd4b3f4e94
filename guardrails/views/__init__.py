"""How each view of a text is made (`guardrails/view.py` says what they are), and where it is from.

Pure functions over texts. `readings.py` puts them together; `guardrails/reader.py` asks the checks.
"""
