"""The `pii` check: data of persons that has a form of its own.

One file per entity; `check.py` puts them together. Names, addresses and other things that only a language
model can tell are not found here.
"""
