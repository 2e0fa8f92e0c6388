"""Arithmetic: a ledger in, tables and verdicts out. Knows only `crosspost.domain`; no input, no clock."""
