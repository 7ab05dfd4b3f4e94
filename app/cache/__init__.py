"""Answers kept to be given again: for the same question, or for one that means the same."""
