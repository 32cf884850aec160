"""Algorithms for raw evidence: attach, list, take out, check, encrypt."""
