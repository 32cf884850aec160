"""Whether a reply is a page for people where data was asked for."""

from __future__ import annotations

import re

OPENING = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]{0,200}\?>|<!--.{0,1000}?-->)*"
    rb"<(?:!doctype\s+html|html|head|body|title|h1|center)\b",
    re.IGNORECASE | re.DOTALL,
)
SNIFFED = 2048


def is_web_page(first: bytes, content_type: str, accept: str) -> bool:
    """Whether the first bytes of a body, or its Content-Type, are those of an HTML page.

    The bytes decide before the type: many servers send JSON and CSV as ``text/html``. Never where
    ``accept`` names HTML.
    """
    if "html" in accept.lower():
        return False
    if OPENING.match(first[:SNIFFED]):
        return True
    named = content_type.partition(";")[0].strip().lower()
    opening = first.lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        named in ("text/html", "application/xhtml+xml")
        and opening.startswith(b"<")
        and not opening.startswith(b"<?xml")
    )
