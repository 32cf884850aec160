"""Reads in a task what the timeline shows beside the incidents: effort, marks, where it is."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ...model.errors import Cancelled, CeasefireError
from ...processing.ledger.place import ledger_place
from ..incident_row import IncidentRow
from .marks import Mark, marks_of

Place = Tuple[float, float]


class TimelineReader(QgsTask):
    """Makes columns of the rows and reads the ledger's effort, lines and agreements.

    ``ended`` gets the reader in the main thread. After it: ``columns`` (None where it was
    stopped), ``band``, ``marks``, ``centre`` (longitude, latitude; None where no place is known)
    and ``sentence``, which says what could not be read.
    """

    def __init__(self, path: str, rows: List[IncidentRow], ended: Callable[[TimelineReader], None]):
        super().__init__(
            QCoreApplication.translate("TimelineReader", "Reading the timeline"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.path, self.rows = path, rows
        self.columns = self.band = None
        self.marks: List[Mark] = []
        self.centre: Optional[Place] = None
        self.sentence = ""
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        from .columns import columns_of
        from .effort import no_effort

        columns, self.band = columns_of(self.rows), no_effort()
        try:
            if not self.sentence:
                self._read()
        except Cancelled:
            return False
        except CeasefireError as error:
            self.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "TimelineReader",
                "Observation effort and dates could not be read from the ledger (%1); "
                "the bars are right without them.",
            ).replace("%1", type(error).__name__)
        self.columns = columns
        return True

    def finished(self, result):
        self._ended(self)

    def _read(self) -> None:
        from ...ledger.opening import open_ledger
        from .effort import effort_band

        with open_ledger(self._place, readonly=True) as ledger:
            posts = ledger.read("posts")
            self._breathe()
            effort = ledger.read("effort")
            self._breathe()
            restrictions = ledger.read("restrictions")
            lines = ledger.read("contact_lines")
            self._breathe()
            agreements = ledger.latest_agreements().values()
        self.band = effort_band(posts, effort, restrictions)
        self.marks = marks_of(agreements, lines)
        self.centre = _centre(lines, posts)

    def _breathe(self) -> None:
        if self.isCanceled():
            raise Cancelled("Reading the timeline was stopped.")


def _centre(lines: list, posts: list) -> Optional[Place]:
    """The middle of the lines, else of the posts: near enough for the sun."""
    bounds = [line.geometry.bounds for line in lines if line.geometry is not None]
    if bounds:
        west, south = (min(item[at] for item in bounds) for at in (0, 1))
        east, north = (max(item[at] for item in bounds) for at in (2, 3))
        return (west + east) / 2, (south + north) / 2
    places = [
        (post.longitude, post.latitude)
        for post in posts
        if post.longitude is not None and post.latitude is not None
    ]
    if not places:
        return None
    return tuple(sum(values) / len(places) for values in zip(*places))
