"""Bodies inflated while they come, with a limit that a bomb cannot pass."""

from __future__ import annotations

import zlib
from typing import Iterator

from .errors import FeedError, Reason

# The most that one step may inflate to.
STEP = 1 << 20
KNOWN = {"": None, "identity": None, "gzip": 31, "x-gzip": 31, "deflate": 15}


class Inflater:
    """Turns the bytes of a reply into those of its body, step by step.

    ``coding`` is the reply's Content-Encoding. Raises FeedError: BROKEN for a coding that we did
    not offer, for bytes that are not of it and for an end in the middle; TOO_LARGE beyond
    ``limit`` bytes.
    """

    def __init__(self, coding: str, limit: int):
        self._bits = self._known(coding.strip().lower())
        self._limit = limit
        self._made = 0
        self._begun = False
        self._done = False
        self._engine = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The inflated pieces of one received piece, each at most a mebibyte."""
        if self._bits is None:
            yield self._counted(data)
            return
        more = False
        while data or more:
            if self._done:
                # gzip members may follow each other; zeros fill up a block.
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._done, self._engine = False, None
            if self._engine is None:
                self._engine = zlib.decompressobj(self._window(data))
            self._begun = True
            piece = self._step(data)
            yield self._counted(piece)
            data = self._engine.unconsumed_tail
            # A full step may leave the rest inside zlib, with nothing of the input left over.
            more = len(piece) == STEP and not self._engine.eof
            if self._engine.eof:
                self._done, data = True, self._engine.unused_data

    def finish(self) -> None:
        """Say that nothing more comes; raises BROKEN where the body ended in the middle."""
        if self._begun and not self._done:
            raise FeedError(
                "The source's compressed reply ends in the middle: it will be asked for again.",
                Reason.BROKEN,
                transient=True,
            )

    def _step(self, data: bytes) -> bytes:
        broken = False
        try:
            return self._engine.decompress(data, STEP)
        except zlib.error:
            broken = True
        if broken:
            raise FeedError(
                "The source's reply says that it is compressed, and its bytes cannot be inflated: "
                "try again later, and tell the source if it stays so.",
                Reason.BROKEN,
                transient=True,
            )
        return b""

    def _counted(self, piece: bytes) -> bytes:
        self._made += len(piece)
        if self._made > self._limit:
            raise FeedError(
                f"The source's reply is larger than {self._limit / 1e6:,.0f} MB when inflated and "
                "was not read: ask for less at a time, a shorter span or a smaller area.",
                Reason.TOO_LARGE,
            )
        return piece

    def _window(self, data: bytes) -> int:
        """zlib's window bits; “deflate” comes with zlib's header or, from some, without."""
        if self._bits == 15 and (data[0] & 0x0F) != 8:
            return -15
        return self._bits

    @staticmethod
    def _known(coding: str):
        if coding not in KNOWN:
            raise FeedError(
                "The source compressed its reply in a way that was not asked for: it cannot be "
                "read; tell the source.",
                Reason.BROKEN,
            )
        return KNOWN[coding]
