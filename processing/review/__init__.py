"""Algorithms of the group: review."""
