"""The log: one port, two backends.  Stages know `wire.log.port` alone."""
