"""A stage as a process of its own, and the supervisor that runs all of them."""
