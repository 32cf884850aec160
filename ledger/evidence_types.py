"""What kind of file a file of evidence is, told by its name."""

from __future__ import annotations

import mimetypes
import os
from typing import Optional

# Types that the standard library's own list lacks in some of its versions.
MORE_TYPES = {
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".avif": "image/avif",
    ".m4a": "audio/mp4",
    ".opus": "audio/ogg",
    ".mkv": "video/x-matroska",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
}
KINDS = {"image": "photo", "video": "video", "audio": "audio", "text": "document"}
DOCUMENTS = ("application/pdf", "application/msword", "application/vnd.", "application/rtf")


def media_type_of(name: Optional[str]) -> Optional[str]:
    """The media type that a file name's ending stands for; None where it says nothing.

    By the standard library's own list, not by what is set up on one computer.
    """
    ending = os.path.splitext(name or "")[1].lower()
    plain = mimetypes.MimeTypes(filenames=()).types_map[True]
    return MORE_TYPES.get(ending) or plain.get(ending)


def kind_of(media_type: Optional[str]) -> str:
    """The code of ``evidence_kinds`` for a media type."""
    if (media_type or "").startswith(DOCUMENTS):
        return "document"
    return KINDS.get((media_type or "").split("/")[0], "other")
