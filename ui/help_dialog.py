"""The pages of ``docs/`` in a window of QGIS."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
)

DOCS = Path(__file__).resolve().parent.parent / "docs"
START = "index.md"


class HelpDialog(QDialog):
    """A list of the pages and the page itself; links between pages stay in the window."""

    def __init__(self, parent=None, folder: Path = DOCS):
        super().__init__(parent)
        self.folder = folder
        self.setWindowTitle(self.tr("Ceasefire Monitor: help"))
        self.resize(960, 640)
        self.pages = QListWidget(self)
        self.pages.setAccessibleName(self.tr("Pages"))
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page = QTextBrowser(self)
        self.page.setAccessibleName(self.tr("Page"))
        self.page.setOpenLinks(False)
        self.page.setSearchPaths([str(folder)])
        self.page.anchorClicked.connect(self._follow)
        for path in sorted(folder.glob("*.md"), key=lambda item: (item.name != START, item.name)):
            item = QListWidgetItem(_title(path))
            item.setData(Qt.ItemDataRole.UserRole, path.name)
            self.pages.addItem(item)
        self.pages.currentItemChanged.connect(self._chosen)
        self._lay_out()
        self.show_page(START)

    def show_page(self, name: str, anchor: str = "") -> None:
        """Show a page by its file's name, scrolled to a heading."""
        for row in range(self.pages.count()):
            if self.pages.item(row).data(Qt.ItemDataRole.UserRole) == name:
                self.pages.setCurrentRow(row)
                break
        if anchor:
            self._scroll_to(anchor)

    def _chosen(self, item, _former=None) -> None:
        if item is not None:
            path = self.folder / item.data(Qt.ItemDataRole.UserRole)
            self.page.document().setBaseUrl(QUrl.fromLocalFile(str(self.folder) + "/"))
            self.page.setMarkdown(path.read_text(encoding="utf-8"))

    def _follow(self, address: QUrl) -> None:
        name = Path(address.path()).name
        if address.scheme() in ("http", "https"):
            QDesktopServices.openUrl(address)
        elif not name:
            self._scroll_to(address.fragment())
        elif (self.folder / name).is_file() and name.endswith(".md"):
            self.show_page(name, address.fragment())

    def _scroll_to(self, anchor: str) -> None:
        """Bring a heading to the top; Qt gives Markdown's headings no anchors."""
        block = self.page.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and _slug(block.text()) == anchor.lower():
                bar = self.page.verticalScrollBar()
                place = self.page.document().documentLayout().blockBoundingRect(block)
                bar.setValue(int(place.top()))
                return
            block = block.next()

    def _lay_out(self) -> None:
        splitter = QSplitter(self)
        splitter.addWidget(self.pages)
        splitter.addWidget(self.page)
        splitter.setSizes([220, 740])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.addWidget(splitter, 1)
        column.addLayout(foot)


def _title(path: Path) -> str:
    """The page's first heading, else its name."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            return line[2:].strip()
    return path.stem


def _slug(heading: str) -> str:
    """A heading as the anchor that Markdown's readers make of it."""
    kept = (letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).strip().replace(" ", "-")
