"""The roof: the `wirewatch` command, which may look at everything and writes only commands."""
