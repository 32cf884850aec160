"""The pages of a brief as pictures, as far as this computer's GDAL can draw a PDF."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage, QKeySequence, QPixmap
from qgis.PyQt.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QShortcut,
    QToolButton,
    QVBoxLayout,
)

# PoDoFo, the third that GDAL knows, reads texts and draws nothing.
DRAWERS = ("HAVE_POPPLER", "HAVE_PDFIUM")
ZOOMS = (48, 72, 96, 144, 192)


def can_draw() -> bool:
    """Whether GDAL was built with a library that draws a PDF."""
    from osgeo import gdal

    driver = gdal.GetDriverByName("PDF")
    return driver is not None and any(driver.GetMetadataItem(name) == "YES" for name in DRAWERS)


def page_count(pdf: str) -> int:
    """How many pages a PDF has."""
    from osgeo import gdal

    opened = gdal.OpenEx(pdf, gdal.OF_RASTER)
    return 0 if opened is None else max(1, len(opened.GetSubDatasets()))


def page_picture(pdf: str, page: int, dots_per_inch: int) -> Optional[QImage]:
    """A page (from 1) as a picture; None where it cannot be drawn."""
    from osgeo import gdal

    options = [f"DPI={dots_per_inch}"]
    opened = gdal.OpenEx(f"PDF:{page}:{pdf}", gdal.OF_RASTER, open_options=options)
    if opened is None or opened.RasterCount < 3:
        return None
    width, height = opened.RasterXSize, opened.RasterYSize
    rows = opened.ReadRaster(band_list=[1, 2, 3], buf_pixel_space=3, buf_band_space=1)
    picture = QImage(rows, width, height, 3 * width, QImage.Format.Format_RGB888)
    return picture.copy()


class PreviewDialog(QDialog):
    """The pages, one at a time: keys for the pages, plus and minus for the size."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preview of the brief"))
        self.resize(760, 860)
        self._pdf, self.page, self.pages, self._zoom = "", 1, 0, 2
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(self.tr("The page"))
        self.scroll = QScrollArea(self)
        self.scroll.setWidget(self.picture)
        self.scroll.setWidgetResizable(True)
        self.place = QLabel(self)
        row = QHBoxLayout()
        for words, tip, key, slot in (
            ("◀", self.tr("Page before (Page up)"), "PgUp", lambda: self.turn(-1)),
            ("▶", self.tr("Next page (Page down)"), "PgDown", lambda: self.turn(1)),
            ("−", self.tr("Smaller (-)"), "-", lambda: self.zoom(-1)),
            ("+", self.tr("Larger (+)"), "+", lambda: self.zoom(1)),
        ):
            button = QToolButton(self)
            button.setText(words)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            QShortcut(QKeySequence(key), self).activated.connect(slot)
            row.addWidget(button)
        row.addWidget(self.place, 1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.scroll, 1)

    def show_brief(self, pdf: str) -> None:
        """Show the first page of a PDF."""
        self._pdf, self.page, self.pages = pdf, 1, page_count(pdf)
        self._draw()
        self.show()
        self.raise_()

    def turn(self, step: int) -> None:
        """Go on or back by pages."""
        self.page = max(1, min(self.pages, self.page + step))
        self._draw()

    def zoom(self, step: int) -> None:
        """Larger or smaller."""
        self._zoom = max(0, min(len(ZOOMS) - 1, self._zoom + step))
        self._draw()

    def _draw(self) -> None:
        picture = page_picture(self._pdf, self.page, ZOOMS[self._zoom])
        if picture is None:
            self.picture.setText(self.tr("This page could not be drawn. Make the brief instead."))
        else:
            self.picture.setPixmap(QPixmap.fromImage(picture))
        words = self.tr("Page %1 of %2 (preview, not released)")
        self.place.setText(words.replace("%1", str(self.page)).replace("%2", str(self.pages)))
