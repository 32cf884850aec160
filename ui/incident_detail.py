"""Beside the table: what is known of the selected incident, its past, and what stands beside it."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional
from urllib.parse import unquote

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QTabWidget, QTextBrowser

from .incident_known import KnownPage
from .incident_record import IncidentRecord
from .incident_record_reader import IncidentRecordReader
from .incident_row import IncidentRow
from .local_time import LocalTime

# Who goes through the table with a key held down reads nothing on the way.
PAUSE_MS = 200
WAIT_MS = 10_000


class IncidentDetail(QTabWidget):
    """The first page is there at once; the others are read from the ledger in a task.

    ``record_read`` carries the row and its record; ``incident_asked`` and ``evidence_asked`` carry
    the id behind a link.
    """

    record_read = pyqtSignal(object, object)
    incident_asked = pyqtSignal(str)
    evidence_asked = pyqtSignal(str)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(self.tr("Detail of the selected incident"))
        self.ledger: Optional[str] = None
        # How far an incident's review is, with what was asked for just now; the panel sets it.
        self.state_of: Callable[[IncidentRow], dict] = lambda row: {}
        self._rows: List[IncidentRow] = []
        self._row: Optional[IncidentRow] = None
        self._clock = LocalTime("UTC")
        self._record: Optional[IncidentRecord] = None
        self._confidential = False
        self._shown_state = ""
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._reader: Optional[IncidentRecordReader] = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._read)
        self.known = KnownPage(self)
        self.addTab(self.known, self.tr("Known"))
        self.pages: Dict[str, QTextBrowser] = {}
        for name, (title, tip) in self._titles().items():
            self._add_page(name, title, tip)
        self._show_nothing()

    def show_rows(self, rows: List[IncidentRow], clock: LocalTime) -> None:
        """Show one incident, or how many are selected."""
        row = rows[0] if len(rows) == 1 else None
        if row is not None and row == self._row and clock is self._clock and self._record:
            return
        same = row is not None and self._row is not None and row.fid == self._row.fid
        self._row, self._clock = row, clock
        if not same:
            self._record, self._confidential = None, False
            self._show_nothing()
        self._rows = rows
        self._show_known()
        self._stop()
        if row is not None and self.ledger is not None:
            self._pause.start()

    def shows(self, rows: List[IncidentRow]) -> bool:
        """Whether it shows the one incident of ``rows`` already."""
        return len(rows) == 1 and self._row is not None and rows[0].fid == self._row.fid

    def show_state(self) -> None:
        """Show again how far the review is, where that has become another."""
        if self._row is not None and self._state_in_words() != self._shown_state:
            self._show_known()

    def toPlainText(self) -> str:
        """What the first page says."""
        return self.known.toPlainText()

    def page_text(self, name: str) -> str:
        """What a page says: revisions, links, evidence or findings."""
        return self.pages[name].toPlainText()

    def unload(self) -> None:
        """Read no more, and wait for no one."""
        self._pause.stop()
        self._stop()
        for reader in list(self._running):
            reader.waitForFinished(WAIT_MS)

    # Reading

    def _read(self) -> None:
        if self._row is None or self.ledger is None:
            return
        reader = IncidentRecordReader(self.ledger, self._row.incident_id, self._was_read)
        self._reader = reader
        self._running.add(reader)
        QgsApplication.taskManager().addTask(reader)

    def _stop(self) -> None:
        self._pause.stop()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()

    def _was_read(self, reader: IncidentRecordReader) -> None:
        self._running.discard(reader)
        if reader is not self._reader or self._row is None:
            return
        self._reader = None
        if reader.record is None:
            for page in self.pages.values():
                page.setPlainText(reader.sentence)
            return
        self._record = reader.record
        self._show_known()
        self._show_record()
        self.record_read.emit(self._row, self._record)

    # Showing

    def _show_known(self) -> None:
        """Show the first page, with what was read so far."""
        self._shown_state = self._state_in_words()
        self.known.show_rows(
            self._rows, self._clock, self._shown_state, self._sources(), self._is_old()
        )

    def _state_in_words(self) -> str:
        from .review.states import in_words

        return "" if self._row is None else in_words(self.state_of(self._row)).capitalize()

    def _sources(self) -> list:
        from .incident_pages import sources

        return [] if self._record is None else sources(self._record)

    def _is_old(self) -> Optional[bool]:
        """Whether the content changed since the flag; None where that is not going to be known."""
        if self._row is None or self.ledger is None or not self._row.finding_is_old():
            return None
        # While it is being read nothing is said: a review alone does not make a flag old.
        record = self._record
        return record is not None and record.content_changed_since(self._row.finding_revision)

    def _show_nothing(self) -> None:
        """Empty pages, until the record is read."""
        sentence = self.tr("Reading…")
        if self._row is None:
            sentence = self.tr("Select one incident to read this.")
        elif self.ledger is None:
            sentence = ""
        for number, (name, (title, _)) in enumerate(self._titles().items(), 1):
            self.pages[name].setPlainText(sentence)
            self.setTabText(number, title)

    def _show_record(self) -> None:
        """Fill every page; each tab says how many it has."""
        from . import incident_pages as pages

        record, identifier = self._record, self._row.incident_id
        filled: Dict[str, Callable[[], str]] = {
            "revisions": lambda: pages.revisions(record, self._clock, self._confidential),
            "links": lambda: pages.links(record, identifier),
            "evidence": lambda: pages.evidence(record, self._clock, self._confidential),
            "findings": lambda: pages.findings(record),
        }
        for number, (name, (title, _)) in enumerate(self._titles().items(), 1):
            count = pages.count(record, name)
            self.pages[name].setHtml(filled[name]())
            self.setTabText(number, f"{title} {count:,}" if count else title)

    def _follow(self, address) -> None:
        """Follow a link of a page."""
        from .incident_pages import EVIDENCE_LINK, INCIDENT_LINK, SHOW_LINK

        text = address.toString()
        if text == SHOW_LINK:
            self._confidential = True
            self._show_record()
        elif text.startswith(INCIDENT_LINK):
            self.incident_asked.emit(unquote(text[len(INCIDENT_LINK) :]))
        elif text.startswith(EVIDENCE_LINK):
            self.evidence_asked.emit(unquote(text[len(EVIDENCE_LINK) :]))

    def _titles(self) -> dict:
        return {
            "revisions": (
                self.tr("Revisions"),
                self.tr("Every state that it had: who recorded it, when, why, and what changed"),
            ),
            "links": (self.tr("Links"), self.tr("Other reports that are linked to it")),
            "evidence": (self.tr("Evidence"), self.tr("Files that are attached to it")),
            "findings": (
                self.tr("Clauses"),
                self.tr("What holding it against each clause of an agreement gave"),
            ),
        }

    def _add_page(self, name: str, title: str, tip: str) -> None:
        page = QTextBrowser(self)
        page.setOpenLinks(False)
        page.setAccessibleName(tip)
        page.anchorClicked.connect(self._follow)
        self.pages[name] = page
        self.setTabToolTip(self.addTab(page, title), tip)
