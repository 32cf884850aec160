"""Algorithms on proposals: candidate lines and zones held against the record."""
