"""The templates that ship with crosspost: one TOML file per network, read as data."""
