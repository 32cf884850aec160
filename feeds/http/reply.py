"""A whole reply, its body in a temporary file."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, Mapping, Optional
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from .addresses import origin
from .charset import encoding_of
from .errors import FeedError, Reason
from .jsontext import read_json
from .waits import moment
from .xmltree import read_xml

# What is read into memory at once; lines() and open() have no such end.
IN_MEMORY = 400_000_000
LONGEST_LINE = 16_000_000
LOST = "\N{REPLACEMENT CHARACTER}"


def _silent(_sentence: str) -> None:
    """What a reply's notes go to where nobody listens."""


@dataclasses.dataclass(frozen=True, repr=False)
class Reply:
    """What a source answered, whole: the body is in the file ``path`` until the client is closed.

    ``headers`` read in any case (``reply.headers["content-type"]``); ``url`` is the address that
    answered, without log-in and secrets; ``sha256`` and ``size`` are of the inflated body;
    ``fetched_at`` our clock's time, aware UTC; ``server_date`` the server's. ``not_modified``: the
    source said that nothing changed since the validators (the body is empty).
    """

    status: int
    headers: Mapping[str, str]
    url: str
    sha256: str
    size: int
    fetched_at: datetime
    path: Path
    address: str = ""
    say: Callable[[str], None] = _silent

    @property
    def not_modified(self) -> bool:
        """Whether this is the answer 304 to the validators that were sent."""
        return self.status == 304

    @property
    def etag(self) -> Optional[str]:
        """The reply's ETag as it came, or None."""
        return self.headers.get("ETag")

    @property
    def last_modified(self) -> Optional[str]:
        """The reply's Last-Modified as it came, or None."""
        return self.headers.get("Last-Modified")

    @property
    def validators(self) -> dict:
        """What a later ``get(validators=…)`` takes, for the mark; empty where there is none."""
        found = {"etag": self.etag, "last_modified": self.last_modified}
        return {name: text for name, text in found.items() if text}

    @property
    def server_date(self) -> Optional[datetime]:
        """The time of the server's clock at its reply (header Date), aware UTC, or None."""
        return moment(self.headers.get("Date"))

    @property
    def what(self) -> str:
        """How sentences name this reply."""
        return f"The reply of “{self.url.partition('?')[0]}”"

    def open(self) -> BinaryIO:
        """The body as a binary file; the caller closes it."""
        return self.path.open("rb")

    def bytes(self) -> bytes:
        """The whole body; raises FeedError (TOO_LARGE) above 400 MB."""
        self._check_size()
        return self.path.read_bytes()

    def text(self, replace: bool = False) -> str:
        """The whole body as text, in the charset of its header, its mark, or UTF-8.

        Raises FeedError (BROKEN) where bytes are no text of it; with ``replace`` they become U+FFFD
        and their number is said.
        """
        self._check_size()
        return "".join(self.lines(replace))

    def json(self) -> Any:
        """The body as JSON (see jsontext)."""
        return read_json(self.bytes(), self.what)

    def xml(self) -> Element:
        """The body's root element (see xmltree)."""
        self._check_size()
        return read_xml(self.path, self.what)

    def lines(self, replace: bool = True) -> Iterator[str]:
        """The body's lines with their ends as they stand (as csv.reader wants them), one by one.

        With ``replace``, bytes that are no text become U+FFFD, and after the last line ``say`` is
        told how many; without, FeedError (BROKEN).
        """
        lost, number, broken = 0, 0, False
        with self.open() as file:
            errors = "replace" if replace else "strict"
            reader = io.TextIOWrapper(file, self._encoding(), errors, newline="")
            while True:
                try:
                    line = reader.readline(LONGEST_LINE)
                except UnicodeError:
                    broken = True
                    break
                if not line:
                    break
                number += 1
                lost += line.count(LOST)
                self._check_line(line, number)
                yield line
        if broken:
            raise FeedError(
                f"{self.what} is not valid {self._encoding()[:5].upper()} near line {number + 1:,},"
                " so its words cannot be trusted: tell the source.",
                Reason.BROKEN,
            )
        if lost:
            self.say(
                f"{self.what} holds {lost:,} signs that are not valid text; they are shown as "
                f"“{LOST}”."
            )

    def follow(self, link: str) -> str:
        """The address of a link in this reply, such as the next page's: relative ones made whole.

        A link to the same host by http is taken as https where this reply came by https (sources
        behind a proxy write it so). Raises FeedError (REDIRECTED) where it leads to another server,
        to which the credentials must not go.
        """
        led = urljoin(self.address, str(link).strip())
        try:
            here, there = origin(self.address), origin(led)
        except ValueError:
            here, there = None, ()
        if here and _as_seen_behind_a_proxy(here, there):
            led = self.address.partition("//")[0] + "//" + _rest(self.address, led)
            there = here
        if there != here:
            raise FeedError(
                f"{self.what} names a next page on another server, to which nothing is sent: check "
                "the feed's address, and tell the source.",
                Reason.REDIRECTED,
            )
        return led

    def discard(self) -> None:
        """Remove the body's file before the client is closed."""
        self.path.unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f"Reply({self.status}, {self.url}, {self.size} bytes, sha256 {self.sha256[:12]})"

    def _check_size(self) -> None:
        if self.size > IN_MEMORY:
            raise FeedError(
                f"{self.what} is {self.size / 1e6:,.0f} MB, too large to be read at once: ask for "
                "less at a time, a shorter span or a smaller area.",
                Reason.TOO_LARGE,
            )

    def _check_line(self, line: str, number: int) -> None:
        if len(line) >= LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise FeedError(
                f"Line {number:,} of {self.what[0].lower()}{self.what[1:]} is longer than "
                f"{LONGEST_LINE / 1e6:,.0f} million signs, so it is no table: check the address.",
                Reason.BROKEN,
            )

    def _encoding(self) -> str:
        return encoding_of(self.headers.get("Content-Type", ""), self._first())

    def _first(self) -> bytes:
        with self.open() as file:
            return file.read(4)


def _as_seen_behind_a_proxy(here: tuple, there: tuple) -> bool:
    """Whether a link names our https server by http, as one that sits behind a proxy does."""
    same = here[0] == "https" and there[0] == "http" and here[1] == there[1]
    return same and there[2] in (80, here[2])


def _rest(here: str, led: str) -> str:
    """``led`` without its scheme, with the host and port of ``here``."""
    host = here.split("//", 1)[1].partition("/")[0].partition("?")[0]
    path = led.split("//", 1)[1]
    cut = min((at for at in (path.find("/"), path.find("?")) if at >= 0), default=len(path))
    return host + path[cut:]
