"""Secrets taken out of every text that leaves the client, however they were spelled in it."""

from __future__ import annotations

import json
import re
from typing import Iterable
from urllib.parse import urlsplit, urlunsplit

MASK = "•••"
# Shorter secrets are hidden as whole words only: one letter would blot out every sentence.
SHORT = 4
SECRET_NAME = re.compile(
    r"(?:^|[-_.])(?:token|key|secret|signature|sig|auth|password|passwd|pwd|credential|jwt)$"
    r"|^(?:access|auth|api|refresh)token$|apikey$|mapkey$|accesskey$|secretkey$|subscriptionkey$",
    re.IGNORECASE,
)
# One sign in a spelling that a URL, JSON, Python or HTML gives it.
SPELLING = re.compile(
    rb"%(?:25)*(?P<percent>[0-9A-Fa-f]{2})"
    rb"|\\+u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\+u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    rb"|\\+u(?P<unicode>[0-9A-Fa-f]{4})"
    rb"|\\+U(?P<wide>[0-9A-Fa-f]{8})"
    rb"|\\+x(?P<hex>[0-9A-Fa-f]{2})"
    rb"|&(?:amp;)*#(?P<decimal>[0-9]{1,7});"
    rb"|&(?:amp;)*#[xX](?P<entity>[0-9A-Fa-f]{1,6});"
    rb"|&(?:amp;)*(?P<named>amp|lt|gt|quot|apos);"
)
NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
# Spellings lie in each other: a percent-encoded address in JSON in a page.
DEEPEST = 8


class Veil:
    """The secrets of one client, and texts without them.

    A secret is found in any mixture of plain signs, percent-encoding (once or more), JSON's and
    Python's backslashes and HTML's entities, with ``+`` for a space.
    """

    def __init__(self, secrets: Iterable[str] = ()):
        self._secrets: dict[str, bytes] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide one more text from now on; an empty one is nothing to hide."""
        for text in (secret, secret.strip()):
            if text:
                self._secrets[text] = _spelled(text)[0]
                # A line break as JSON and Python write it.
                for written in (json.dumps(text)[1:-1], repr(text)[1:-1]):
                    self._secrets[written] = _spelled(written)[0]
        self._secrets = dict(sorted(self._secrets.items(), key=lambda pair: -len(pair[0])))

    def hide(self, text: str) -> str:
        """The text with every secret as ``•••``."""
        text = str(text)
        if not self._secrets:
            return text
        for secret in self._secrets:
            text = _without(text, secret)
        return self._without_spellings(text)

    def hide_url(self, url: str) -> str:
        """An address to store or show: no log-in, no secret, no value of a secret's name."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.hide(re.sub(r"//[^/@]*@", "//", url))
        query = "&".join(_masked(pair) for pair in parts.query.split("&")) if parts.query else ""
        host = parts.netloc.rpartition("@")[2]
        return self.hide(urlunsplit((parts.scheme, host, parts.path, query, "")))

    def _without_spellings(self, text: str) -> str:
        signs, starts = _spelled(text)
        spans = [
            (starts[begin], starts[end])
            for spelled in self._secrets.values()
            for begin, end in _places(signs, spelled, whole=len(spelled) < SHORT)
        ]
        if not spans:
            return text
        pieces, reached = [], 0
        for begin, end in sorted(spans):
            if begin >= reached:
                pieces += [text[reached:begin], MASK]
            reached = max(reached, end)
        return "".join([*pieces, text[reached:]])


def _without(text: str, secret: str) -> str:
    """The text without one secret in its plain spelling."""
    if len(secret) >= SHORT:
        return text.replace(secret, MASK)
    return re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", MASK, text)


def _masked(pair: str) -> str:
    """A ``name=value`` of a query, its value hidden where the name is that of a secret."""
    name, equals, value = pair.partition("=")
    return f"{name}={MASK}" if equals and value and SECRET_NAME.search(name) else pair


def _spelled(text: str) -> tuple[bytes, list[int]]:
    """The text's signs as bytes with all spellings undone, and where in the text each began.

    Spellings are undone until none is left, backslashes go and ``+`` is a space, in a text and in
    a secret alike, so that both come out the same however often they were encoded. The positions
    have one entry more: the text's end.
    """
    signs, starts = bytearray(), []
    for place, sign in enumerate(text):
        encoded = sign.encode("utf-8", "surrogatepass")
        signs += encoded
        starts += [place] * len(encoded)
    found = bytes(signs)
    for _depth in range(DEEPEST):
        if not SPELLING.search(found):
            break
        found, starts = _undone(found, starts)
    kept = [at for at, sign in enumerate(found) if sign != 0x5C]
    plain = bytes(found[at] for at in kept).replace(b"+", b" ")
    return plain, [*(starts[at] for at in kept), len(text)]


def _undone(signs: bytes, starts: list[int]) -> tuple[bytes, list[int]]:
    """One layer of spellings undone."""
    found, places, reached = bytearray(), [], 0
    for match in SPELLING.finditer(signs):
        sign = _sign(match)
        found += signs[reached : match.start()] + sign
        places += starts[reached : match.start()] + [starts[match.start()]] * len(sign)
        reached = match.end()
    return bytes(found) + signs[reached:], places + starts[reached:]


def _sign(match: re.Match) -> bytes:
    kind, value = match.lastgroup, match.group(match.lastgroup)
    if kind == "percent":
        return bytes([int(value, 16)])
    if kind == "named":
        return NAMED[value]
    if kind == "low":
        pair = bytes.fromhex((match.group("high") + value).decode("ascii"))
        return pair.decode("utf-16-be").encode("utf-8")
    number = int(value, 10 if kind == "decimal" else 16)
    return chr(min(number, 0x10FFFF)).encode("utf-8", "surrogatepass")


def _places(signs: bytes, secret: bytes, whole: bool) -> list[tuple[int, int]]:
    """Where a secret stands among the signs: (first, one after the last)."""
    found, begin = [], signs.find(secret) if secret else -1
    while begin >= 0:
        end = begin + len(secret)
        beside = signs[max(begin - 1, 0) : begin] + signs[end : end + 1]
        if not (whole and any(bytes([sign]).isalnum() for sign in beside)):
            found.append((begin, end))
        begin = signs.find(secret, begin + 1)
    return found
