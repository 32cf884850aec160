"""Algorithms on the rules of agreements."""
