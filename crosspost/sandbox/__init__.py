"""The networks' stand-in: one local HTTP server with its own ledger, a seeded audience, and faults."""
