"""GDELT's files: one every fifteen minutes, named after its instant, and two listings of them."""

from __future__ import annotations

import hashlib
import io
import zipfile

from ceasefire_monitor.feeds.sources.gdelt_files import COLUMNS
from tests.feedservers.serving import Answer, Request, Serving

TEXT = {"Content-Type": "text/plain"}


def event(number: int, **values) -> list[str]:
    """A fictional event as 61 texts."""
    one = dict.fromkeys(COLUMNS, "")
    one.update(
        GLOBALEVENTID=str(number),
        SQLDATE="20261005",
        IsRootEvent="1",
        EventCode="194",
        EventBaseCode="194",
        EventRootCode="19",
        QuadClass="4",
        NumArticles="3",
        Actor1Name="NORTHERN FORCES",
        ActionGeo_Type="4",
        ActionGeo_FullName="Mill, Upper Vale, Vale",
        ActionGeo_CountryCode="VA",
        ActionGeo_Lat="47.5",
        ActionGeo_Long=str(20 + number / 1000),
        DATEADDED="20261005114500",
        SOURCEURL="https://news.example.org/1",
    )
    one.update(values)
    return [one[name] for name in COLUMNS]


def packed(rows: list[list[str]], name: str = "x.export.CSV") -> bytes:
    """The rows as GDELT packs them: tabs, no header, one file in a ZIP."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


class GdeltServer(Serving):
    """Holds ``files`` (stamp to rows); the newest is what lastupdate.txt names.

    ``lost`` are stamps that are listed and not there; ``damaged`` maps a stamp to how many times
    its file comes with a byte changed. ``listing`` and ``update`` replace the two listings.
    """

    def __init__(self, files=None):
        self.files: dict[str, list] = files or {}
        self.lost: set[str] = set()
        self.damaged: dict[str, int] = {}
        self.listing = self.update = None
        super().__init__()

    def answer(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        if name == "lastupdate.txt":
            return Answer(200, self.update or self._lines(max(self.files)), TEXT)
        if name == "masterfilelist.txt":
            if isinstance(self.listing, Answer):
                return self.listing
            return Answer(200, "".join(self._lines(stamp) for stamp in sorted(self.files)), TEXT)
        stamp = name.partition(".")[0]
        if stamp not in self.files or stamp in self.lost:
            return Answer(404, "<html><head><title>404</title></head></html>")
        data = packed(self.files[stamp])
        if self.damaged.get(stamp, 0) > 0:
            self.damaged[stamp] -= 1
            data = data[:40] + bytes([data[40] ^ 0xFF]) + data[41:]
        return Answer(200, data, {"Content-Type": "application/zip"})

    def _lines(self, stamp: str) -> str:
        data = packed(self.files[stamp])
        sums = f"{len(data)} {hashlib.md5(data).hexdigest()}"
        there = f"{self.address}/gdeltv2/{stamp}"
        return "".join(
            f"{sums} {there}{ending}\n"
            for ending in (".export.CSV.zip", ".mentions.CSV.zip", ".gkg.csv.zip")
        )
