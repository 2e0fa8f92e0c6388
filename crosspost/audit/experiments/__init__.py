"""Randomised weeks and arms: planned before, analysed as they were drawn (A9)."""
