"""Feeds to articles: schedule, polite fetch, parse, article identity, feed state.  Reads and writes through `wire`."""
