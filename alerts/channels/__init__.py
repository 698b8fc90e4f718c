"""The ways on which alerts leave: one file per kind of channel, all held to one conformance test."""
