"""Errors whose text is one clear sentence for the person at the screen."""

from __future__ import annotations


class CeasefireError(Exception):
    """Something is wrong with what was given; the text says what, where, and what to do."""


class Cancelled(CeasefireError):
    """The user asked to stop; nothing was written."""


class MissingLibrary(CeasefireError):
    """A library that this work needs is absent or too old; the text says how to install it."""
