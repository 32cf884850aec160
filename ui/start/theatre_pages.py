"""The wizard's first pages: the theatre with its ledger, and its clocks."""

from __future__ import annotations

import re
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsSettings
from qgis.gui import QgsExtentWidget, QgsFileWidget
from qgis.PyQt.QtCore import QDateTime, QStandardPaths, Qt, QTime, QTimeZone
from qgis.PyQt.QtWidgets import QComboBox, QCompleter, QLineEdit, QTimeEdit

from ..commands import FOLDER_KEY
from .form import FormPage
from .plan import Answers
from .project_file import free_project

SHOWN = "yyyy-MM-dd HH:mm"


class TheatrePage(FormPage):
    """Name, ledger and area."""

    def __init__(self, canvas):
        super().__init__("", "")
        self.setTitle(self.tr("The theatre"))
        self.setSubTitle(
            self.tr("What is watched, and the file in which incidents, lines and findings go.")
        )
        self.name = self.row(
            self.tr("Name of the theatre:"),
            QLineEdit(self),
            self.tr("As briefs print it, such as Merrow Valley"),
        )
        self.ledger = QgsFileWidget(self)
        self.ledger.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.ledger.setFilter(self.tr("Ledger (*.gpkg)"))
        self.ledger.setDialogTitle(self.tr("Where the ledger is made"))
        self.row(
            self.tr("Ledger:"),
            self.ledger,
            self.tr("The file to make; one that exists is never written over"),
        )
        self.area = QgsExtentWidget(self, QgsExtentWidget.WidgetStyle.CondensedStyle)
        self.area.setNullValueAllowed(True, self.tr("as the ledger's lines and reports lie"))
        self.area.setMapCanvas(canvas, False)
        self.area.clear()
        self.row(
            self.tr("Area:"),
            self.area,
            self.tr("What the map opens with: the map as it is now, a layer's extent, a bookmark"),
        )
        self.problem = self.note()
        self._typed = False
        self.name.textChanged.connect(self._propose)
        self.ledger.fileChanged.connect(self._changed)

    def isComplete(self):
        """A name, and a file that can be made."""
        return bool(self.name.text().strip()) and bool(self.path()) and not self.why_not()

    def path(self) -> str:
        """The ledger's path, with its ending."""
        path = self.ledger.filePath().strip()
        return path if not path or path.lower().endswith(".gpkg") else f"{path}.gpkg"

    def why_not(self) -> str:
        """Why the ledger cannot be made there; empty where it can."""
        path = Path(self.path())
        made = self.wizard() is not None and self.wizard().has_made(str(path))
        if not self.path() or made:
            return ""
        if path.exists():
            return self.tr("There is a file “%1” already: choose another name.").replace(
                "%1", path.name
            )
        if not path.is_absolute() or not path.parent.is_dir():
            return self.tr("There is no folder “%1”: choose one that is there.").replace(
                "%1", str(path.parent)
            )
        return ""

    def fill(self, answers: Answers) -> None:
        """Name, file, project and area."""
        answers.theatre = self.name.text().strip()
        answers.ledger = self.path()
        answers.project = free_project(answers.ledger) or ""
        if self.area.isValid() and not self.area.outputExtent().isNull():
            box, crs = self.area.outputExtent(), self.area.outputCrs()
            crs = crs if crs.isValid() else QgsCoordinateReferenceSystem("EPSG:4326")
            sides = (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
            answers.area = ",".join(map(str, sides)) + f" [{crs.authid()}]"

    def _propose(self, name: str) -> None:
        """A file named like the theatre, until somebody chose one."""
        if not self._typed:
            stem = re.sub(r"[^\w-]+", "_", name.strip()).strip("_").lower()
            home = QStandardPaths.writableLocation(
                QStandardPaths.StandardLocation.DocumentsLocation
            )
            folder = QgsSettings().value(FOLDER_KEY, "") or QgsProject.instance().homePath() or home
            self.ledger.blockSignals(True)
            self.ledger.setFilePath(str(Path(folder) / f"{stem}.gpkg") if stem else "")
            self.ledger.blockSignals(False)
        self._say()

    def _changed(self, *_) -> None:
        self._typed = bool(self.ledger.filePath())
        self._say()

    def _say(self) -> None:
        self.problem.setText(self.why_not())
        self.completeChanged.emit()


class ClockPage(FormPage):
    """Time zone and start of the reporting day, with what they mean just now."""

    def __init__(self):
        super().__init__("", "")
        self.setTitle(self.tr("The theatre's clocks"))
        self.setSubTitle(
            self.tr("Times are stored in UTC and shown by these clocks. Local times are read so.")
        )
        self.zone = QComboBox(self)
        self.zone.setEditable(True)
        self.zone.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.zone.addItems(zone_names())
        completer = QCompleter(self.zone.model(), self.zone)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.zone.setCompleter(completer)
        self.zone.setCurrentText("UTC")
        self.row(
            self.tr("Time zone:"),
            self.zone,
            self.tr("Type a part of its name, such as Nairobi or Europe/"),
        )
        self.starts = QTimeEdit(QTime(0, 0), self)
        self.starts.setDisplayFormat("HH:mm")
        self.row(
            self.tr("Reporting day starts at:"),
            self.starts,
            self.tr("The local time at which one reporting day ends and the next begins"),
        )
        self.example = self.note()
        self.zone.currentTextChanged.connect(self._say)
        self.starts.timeChanged.connect(self._say)
        self._say()

    def isComplete(self):
        """A time zone that is known."""
        return self.zone.findText(self.zone.currentText().strip()) >= 0

    def fill(self, answers: Answers) -> None:
        """Zone and start of the day."""
        answers.timezone = self.zone.currentText().strip()
        answers.day_start = self.starts.time().toString("HH:mm")

    def _say(self, *_) -> None:
        self.completeChanged.emit()
        if not self.isComplete():
            self.example.setText(
                self.tr("There is no time zone “%1”. Type a part of a city's name.").replace(
                    "%1", self.zone.currentText()
                )
            )
            return
        zone = QTimeZone(self.zone.currentText().strip().encode())
        now = QDateTime.currentDateTimeUtc().toTimeZone(zone)
        day = now.date() if now.time() >= self.starts.time() else now.date().addDays(-1)
        begins = QDateTime(day, self.starts.time(), zone)
        self.example.setText(
            self.tr("It is %1 there now. The reporting day that runs began at %2 and ends at %3.")
            .replace("%1", now.toString(SHOWN))
            .replace("%2", begins.toString(SHOWN))
            .replace("%3", begins.addDays(1).toString(SHOWN))
        )


def zone_names() -> list:
    """The names of time zones that both QGIS and Python know; QGIS's own where Python has none."""
    from zoneinfo import available_timezones

    of_qt = {bytes(name).decode() for name in QTimeZone.availableTimeZoneIds()}
    of_python = available_timezones()
    return sorted((of_qt & of_python) if of_python else of_qt)
