"""A body written to a file while it comes, within its limits, with its SHA-256."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from pathlib import Path
from typing import Iterator

from .errors import FeedError, Reason
from .inflating import Inflater
from .limits import Limits
from .webpage import SNIFFED


@dataclasses.dataclass
class Stored:
    """A body on disk: its inflated size and SHA-256, and the first bytes of it."""

    path: Path
    size: int
    sha256: str
    first: bytes


def store(pieces: Iterator[bytes], coding: str, announced, path: Path, limits: Limits) -> Stored:
    """Write the inflated body to ``path``; what went wrong leaves no file.

    ``announced`` is the length that the headers name, or None. Raises FeedError (TOO_LARGE, and
    what ``pieces`` raises).
    """
    if announced is not None and announced > limits.received_bytes:
        raise _too_large(limits)
    inflater = Inflater(coding, limits.inflated_bytes)
    with _room():
        file = path.open("xb")
    # From here on the file is ours to remove, and not before.
    try:
        with _room(), file:
            found = _written(pieces, inflater, file, path, limits)
        inflater.finish()
        return found
    except BaseException:
        path.unlink()
        raise


def _written(pieces: Iterator[bytes], inflater: Inflater, file, path: Path, limits: Limits):
    digest, size, received, first = hashlib.sha256(), 0, 0, b""
    for piece in pieces:
        received += len(piece)
        if received > limits.received_bytes:
            raise _too_large(limits)
        for part in inflater.feed(piece):
            digest.update(part)
            size += len(part)
            if len(first) < SNIFFED:
                first += part[: SNIFFED - len(first)]
            file.write(part)
    return Stored(path, size, digest.hexdigest(), first)


@contextlib.contextmanager
def _room():
    """What the disk refuses becomes a sentence; the exchange raises no OSError of its own."""
    try:
        yield
        return
    except OSError as error:
        why = error.strerror or "it failed"
    raise FeedError(
        f"The source's reply could not be written to the folder for temporary files ({why}): make "
        "room there and fetch again.",
        Reason.TOO_LARGE,
    )


def _too_large(limits: Limits) -> FeedError:
    return FeedError(
        f"The source's reply is larger than {limits.received_bytes / 1e6:,.0f} MB and was not "
        "read: ask for less at a time, a shorter span or a smaller area.",
        Reason.TOO_LARGE,
    )
