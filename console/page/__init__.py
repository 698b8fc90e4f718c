"""The live page: stories as they grow, their provenance, watches, deliveries, feeds and services; and a JSON API.

Reads the index and the log, and writes `news.commands` alone.
"""
