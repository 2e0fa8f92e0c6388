"""crosspost: cross-post articles through tracked links, and audit whether visibility turns into clients."""

__version__ = "0.1.0"
