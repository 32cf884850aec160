"""In which encoding a reply's text is."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(content_type: str, first: bytes) -> str:
    """The encoding by the text's own mark, else the header's charset, else UTF-8.

    ``first`` are the body's first four bytes. A charset that is no text encoding counts as none.
    """
    for mark, name in MARKS:
        if first.startswith(mark):
            return name
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    if not found:
        return "utf-8"
    try:
        "a".encode(found.group(1))
        named = codecs.lookup(found.group(1)).name
    except (LookupError, ValueError):
        return "utf-8"
    return "cp1252" if named == "iso8859-1" else named
