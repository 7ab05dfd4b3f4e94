"""Checks that ask another service: guard models, classifiers, moderation, webhooks, clouds."""
