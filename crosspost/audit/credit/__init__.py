"""Who gets credit for a client, by every model side by side (A3, A4)."""
