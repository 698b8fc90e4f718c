"""The ground that every stage stands on: messages, the log, the stage loop, settings, health."""
