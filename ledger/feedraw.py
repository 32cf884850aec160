"""The raw replies of a feed as evidence, where the feed's record says that they are kept."""

from __future__ import annotations

import contextlib
import gzip
import tempfile
from typing import Any, BinaryIO, Iterator, Sequence

from ..model.errors import CeasefireError
from ..model.evidence import Evidence
from .evidence import Hand, ReceivedEvidence, received_evidence
from .feedspool import ReplyRead
from .syncreport import SyncReport

IN_MEMORY = 8 << 20
BLOCK = 1 << 20


@contextlib.contextmanager
def received_bodies(
    sync: Any, replies: Sequence[ReplyRead], report: SyncReport
) -> Iterator[dict[int, ReceivedEvidence]]:
    """The bodies of replies, compressed and hashed, ready to be kept; by the replies' numbers.

    Those that nobody wrote by the end are dropped. Where evidence cannot be kept just now, the
    report says so and the rows are written all the same.
    """
    with contextlib.ExitStack() as stack:
        bodies: dict[int, ReceivedEvidence] = {}
        for reply in replies if sync.feed.keep_raw else ():
            if reply.body is None or not reply.body.is_file():
                continue
            try:
                bodies[reply.number] = stack.enter_context(_received(sync, reply))
            except CeasefireError as error:
                report.warnings.append(f"The raw replies were not kept: {error}")
                break
        yield bodies


@contextlib.contextmanager
def _received(sync: Any, reply: ReplyRead) -> Iterator[ReceivedEvidence]:
    about = Evidence(
        kind="document",
        record_table="fetches",
        record_id=reply.fetch_id,
        file_name=f"{reply.fetch_id}.gz",
        media_type="application/gzip",
        collected_at=reply.fetched_at,
        collected_where=reply.address,
        tool=sync.session.with_what,
        description=f"Reply to the feed “{sync.name}”, compressed; its SHA-256 before that is "
        f"{reply.sha256}.",
        sensitivity="restricted",
    )
    hand = Hand(sync.session.who, sync.session.why or "")
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
        _pack(reply, packed)
        with received_evidence(sync.ledger, packed, about, hand) as made:
            yield made


def _pack(reply: ReplyRead, packed: BinaryIO) -> None:
    """Compress a body; the same bytes give the same file."""
    with (
        reply.body.open("rb") as body,
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file,
    ):
        for block in iter(lambda: body.read(BLOCK), b""):
            file.write(block)
    packed.seek(0)
