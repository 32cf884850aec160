"""Algorithms of the group: incidents."""
