"""Algorithms of the group: line."""
