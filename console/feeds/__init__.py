"""Feeds as the console sees them: listed, tried, added, exchanged as OPML."""
