"""Counters: the sufficient statistics of `crosspost.audit.statistics`, counted where leads are too many to be held."""
