"""The way out: the one client that opens connections, and the sessions for the SDKs that ride on it."""
