"""Intervals of what worlds show, and exact results for evolutionary games."""
