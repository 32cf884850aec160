"""Algorithms of the group: feeds."""
