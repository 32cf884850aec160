"""Numbers of things in sentences."""

from __future__ import annotations


def were(number: int, noun: str) -> str:
    """``1 event was``, ``2,000 events were``: for nouns that take an s."""
    return f"{number:,} {noun} was" if number == 1 else f"{number:,} {noun}s were"
