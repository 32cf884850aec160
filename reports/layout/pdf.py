"""Prints a layout as PDF, page by page, with a title and an author that we set.

QGIS's own export cannot be stopped between pages, and with its metadata on it writes the
operating system's user as the author.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

from qgis.core import Qgis, QgsLayoutExporter, QgsLayoutRenderContext, QgsPrintLayout
from qgis.PyQt.QtCore import QMarginsF, QSizeF
from qgis.PyQt.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from ...model.errors import CeasefireError

DPI = 300


def export_pdf(
    layouts: list[QgsPrintLayout],
    path: Path,
    title_and_author: tuple[str, str],
    progress: Callable[[float], None],
    cancelled: Callable[[], None],
) -> None:
    """Print all pages of the layouts into one file, with text as text.

    ``cancelled`` is called before each page.

    Raises CeasefireError where the file cannot be written.
    """
    for layout in layouts:
        context = layout.renderContext()
        context.setDpi(DPI)
        context.setTextRenderFormat(Qgis.TextRenderFormat.AlwaysText)
        context.setFlag(QgsLayoutRenderContext.Flag.FlagForceVectorOutput, True)
        context.setFlag(QgsLayoutRenderContext.Flag.FlagUseAdvancedEffects, False)
    writer = QPdfWriter(str(path))
    writer.setResolution(DPI)
    writer.setTitle(title_and_author[0])
    writer.setCreator(title_and_author[1])
    _set_page(writer, layouts[0], 0)
    painter = QPainter()
    if not painter.begin(writer):
        raise CeasefireError(
            f"“{path.name}” could not be written. Choose a folder that you may write to."
        )
    try:
        _print(layouts, writer, painter, progress, cancelled)
    finally:
        painter.end()
    set_author(path, title_and_author[1])


def _print(layouts, writer, painter, progress, cancelled) -> None:
    pages = [
        (layout, QgsLayoutExporter(layout), place)
        for layout in layouts
        for place in range(layout.pageCollection().pageCount())
    ]
    for number, (layout, exporter, place) in enumerate(pages):
        cancelled()
        if number:
            _set_page(writer, layout, place)
            if not writer.newPage():
                raise CeasefireError(
                    f"Page {number + 1} of the brief could not be written: the disk may be full. "
                    "Free some room and run it again."
                )
        exporter.renderPage(painter, place)
        progress((number + 1) / len(pages))


def _set_page(writer: QPdfWriter, layout: QgsPrintLayout, number: int) -> None:
    size = layout.pageCollection().page(number).pageSize()
    paper = QPageSize(QSizeF(size.width(), size.height()), QPageSize.Unit.Millimeter)
    orientation = QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(paper, orientation, QMarginsF(0, 0, 0, 0)))


def set_author(path: Path, author: str) -> None:
    """Write /Author into a PDF's information, as an update appended to the file (ISO 32000, 7.5.6).

    Qt has no way to set it. Raises CeasefireError where the file is cut short.
    """
    data = path.read_bytes()
    trailer = re.search(rb"trailer\s*<<(.*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*$", data, re.DOTALL)
    info = trailer and re.search(rb"/Info (\d+) 0 R", trailer.group(1))
    body = info and re.search(rb"\n%b 0 obj\s*<<(.*?)>>\s*endobj" % info.group(1), data, re.DOTALL)
    if not body:
        raise CeasefireError(
            f"“{path.name}” was not written to its end: the disk may be full. "
            "Free some room and run it again."
        )
    text = author.encode("utf-16-be").hex().upper()
    start = len(data) + 1
    number = info.group(1)
    record = b"%b 0 obj\n<<%b/Author <FEFF%b>\n>>\nendobj\n" % (
        number,
        body.group(1),
        text.encode("ascii"),
    )
    table = b"xref\n%b 1\n%010d 00000 n \n" % (number, start)
    tail = b"trailer\n<<%b/Prev %b\n>>\nstartxref\n%d\n%%%%EOF\n" % (
        trailer.group(1),
        trailer.group(2),
        start + len(record),
    )
    with path.open("ab") as file:
        file.write(b"\n" + record + table + tail)
