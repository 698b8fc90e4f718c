"""The index: a projection of all topics into a SQLite file of its own; disposable, rebuilt from the log."""
