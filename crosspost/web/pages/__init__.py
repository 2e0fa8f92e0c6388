"""The pages for people: one table of them, rendered here, usable without JavaScript."""
