"""Algorithms on a peace accord: how far it is carried out, beside others."""
