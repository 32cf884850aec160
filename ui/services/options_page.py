"""The plugin's page in QGIS's Options."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsDoubleSpinBox, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QTime, QTimeZone
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFormLayout,
    QLabel,
    QTimeEdit,
    QVBoxLayout,
)

from ...processing.feeds.client import OFFLINE_KEY
from ..alert_notice import SOUND_KEY
from ..commands import DISTANCE_KEY, DISTANCE_M
from ..icons import icon
from .defaults import DAY_KEY, RELEASE_KEY, RELEASES, ZONE_KEY, default_zone


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page whenever QGIS opens its Options; ``saved`` is called after each OK."""

    def __init__(self, saved):
        super().__init__()
        self._saved = saved
        self.setTitle(QgsApplication.translate("OptionsFactory", "Ceasefire Monitor"))

    def icon(self):
        return icon("ceasefire_monitor")

    def createWidget(self, parent):
        return OptionsPage(parent, self._saved)


class OptionsPage(QgsOptionsPageWidget):
    """What new ledgers and briefs begin with, and what this computer may do."""

    def __init__(self, parent, saved=lambda: None):
        super().__init__(parent)
        self._saved = saved
        settings = QgsSettings()
        self.zone = self._zones(default_zone())
        self.day = QTimeEdit(self)
        self.day.setDisplayFormat("HH:mm")
        self.day.setTime(QTime.fromString(settings.value(DAY_KEY, "00:00"), "HH:mm"))
        self.release = QComboBox(self)
        self.release.addItems(RELEASES)
        self.release.setCurrentText(settings.value(RELEASE_KEY, RELEASES[0]))
        self.distance = QgsDoubleSpinBox(self)
        self.distance.setDecimals(0)
        self.distance.setRange(1, 1_000_000)
        self.distance.setSuffix(self.tr(" m"))
        self.distance.setClearValue(DISTANCE_M)
        self.distance.setValue(settings.value(DISTANCE_KEY, DISTANCE_M, float))
        self.offline = QCheckBox(self.tr("Offline: make no connection at all"), self)
        self.offline.setChecked(settings.value(OFFLINE_KEY, False, bool))
        self.sound = QCheckBox(self.tr("Beep when an alert is raised"), self)
        self.sound.setChecked(settings.value(SOUND_KEY, False, bool))
        self._lay_out()

    def apply(self):
        """Keep what was chosen; QGIS calls it with OK."""
        settings = QgsSettings()
        zone = self.zone.currentText().strip()
        if QTimeZone(zone.encode()).isValid():
            settings.setValue(ZONE_KEY, zone)
        settings.setValue(DAY_KEY, self.day.time().toString("HH:mm"))
        settings.setValue(RELEASE_KEY, self.release.currentText())
        settings.setValue(DISTANCE_KEY, self.distance.value())
        settings.setValue(OFFLINE_KEY, self.offline.isChecked())
        settings.setValue(SOUND_KEY, self.sound.isChecked())
        self._saved()

    def isValid(self):
        """Whether OK may close the Options: the time zone is one that there is."""
        return QTimeZone(self.zone.currentText().strip().encode()).isValid()

    def helpKey(self):
        return ""

    def _zones(self, chosen: str) -> QComboBox:
        box = QComboBox(self)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.addItems(sorted(bytes(name).decode() for name in QTimeZone.availableTimeZoneIds()))
        box.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        box.setCurrentText(chosen)
        return box

    def _lay_out(self) -> None:
        rows = (
            (
                self.tr("Time zone of new ledgers"),
                self.zone,
                self.tr("The theatre's, such as Africa/Nairobi; each ledger keeps its own"),
            ),
            (
                self.tr("Reporting day of new ledgers starts at"),
                self.day,
                self.tr("Local time at which the theatre's day begins; each ledger keeps its own"),
            ),
            (
                self.tr("“Near” the line means within"),
                self.distance,
                self.tr("The distance that “Flag” begins with"),
            ),
            (
                self.tr("Release level of new briefs"),
                self.release,
                self.tr("The level that the brief's dialog begins with"),
            ),
        )
        form = QFormLayout()
        for title, widget, tip in rows:
            widget.setToolTip(tip)
            widget.setAccessibleName(title)
            form.addRow(title, widget)
        for box in (self.offline, self.sound):
            box.setAccessibleName(box.text())
            form.addRow("", box)
        self.offline.setToolTip(self.tr("Feeds are not fetched until this is off again"))
        self.sound.setToolTip(self.tr("Only for ledgers whose feeds are kept in step here"))
        note = QLabel(
            self.tr(
                "Distances are geodesic, in metres. A ledger has its own time zone and reporting "
                "day: “Ledger settings” changes them."
            ),
            self,
        )
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(note)
        column.addStretch(1)
