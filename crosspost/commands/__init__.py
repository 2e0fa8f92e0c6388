"""The verbs: one use case each. They put domain, store, networks and sources together, and print nothing."""
