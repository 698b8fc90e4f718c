"""Enriched articles to stories: one event, every outlet, every language."""
