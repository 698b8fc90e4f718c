"""Topics as people and machines read them: records as lines, the catalogue, the shapes of messages."""
