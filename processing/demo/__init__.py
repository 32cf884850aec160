"""Algorithms of the group: demo."""
