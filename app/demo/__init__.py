"""The first minute: the real service, a real answer and its record, from nothing but a checkout.

A room at the top of the house: it uses Handrail as a caller would (a configuration file, a process, HTTP,
SQL), and nothing of Handrail uses it.
"""
