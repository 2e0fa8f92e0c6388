"""The hit log: append-only, checksummed files that the redirect writes and the scheduler folds in."""
