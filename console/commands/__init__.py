"""What is typed: one module for each command or group of commands, read when it is asked for."""
