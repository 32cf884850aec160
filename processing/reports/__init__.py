"""Algorithms of the group: reports."""
