"""Algorithms of the group: ledger."""
