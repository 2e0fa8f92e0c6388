"""The HTTP API for programs: one table of operations, from which it is served and described."""
