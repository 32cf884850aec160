"""The box of the tool that records an observation: what was perceived, typed or dragged."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsPointXY, QgsSettings
from qgis.PyQt.QtCore import QDateTime, QSignalBlocker, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from ...analysis.bearings import (
    UNITS,
    WINDS,
    bearing_in,
    degrees_of,
    halfwidth_in_degrees,
    told_bearing,
    true_bearing,
)
from ...model.errors import CeasefireError
from ...model.vocabulary import label, vocabulary
from .box import Box

UNIT_KEY = "ceasefire_monitor/bearing_unit"
NORTH_KEY = "ceasefire_monitor/bearing_north"
DECLINATION_KEY = "ceasefire_monitor/declination_deg"
OFF_KEY = "ceasefire_monitor/bearing_plus_minus_deg"
SHARE_KEY = "ceasefire_monitor/range_plus_minus_percent"
MINUTE = "yyyy-MM-ddTHH:mm"


class ObservationBox(Box):
    """The values of an observation. ``edited``: they are others now; ``wanted``: record them."""

    edited = pyqtSignal()
    wanted = pyqtSignal()

    def __init__(self, part):
        super().__init__(part, "observation", "")
        self.observer: Optional[QgsPointXY] = None
        self.post: Optional[str] = None
        self._add_direction()
        self._add_range()
        self._add_what()
        self.save = QPushButton(self.tr("Record"), self.frame)
        self.save.setToolTip(self.tr("Keep the observation in the ledger"))
        self.save.clicked.connect(self.wanted)
        self.column.addWidget(self.save)
        self.show_observer(None, None)
        self._unit_chosen()

    # What the mouse sets

    def show_observer(self, place: Optional[QgsPointXY], post: Optional[str]) -> None:
        """Put the observer at a place in degrees, or at a post there."""
        self.observer, self.post = place, post
        text = "" if place is None else f"{place.x():.6f}, {place.y():.6f}"
        self.where.setText(text if not post else f"{post} ({text})")
        self.save.setEnabled(place is not None)

    def show_aim(self, bearing_deg: float, distance_m: float) -> None:
        """Set bearing (true) and distance, and the usual plus or minus of the distance."""
        with QSignalBlocker(self.bearing), QSignalBlocker(self.near), QSignalBlocker(self.far):
            told = told_bearing(bearing_deg, self.north.currentData(), self.declination.value())
            told = bearing_in(told, self.unit.currentData())
            self.bearing.setText(told if isinstance(told, str) else f"{told:.1f}")
            share = QgsSettings().value(SHARE_KEY, 10.0, float) / 100.0
            self.near.setValue(distance_m * (1.0 - share))
            self.far.setValue(distance_m * (1.0 + share))
        self.edited.emit()

    def show_now(self, zone) -> None:
        """Set the moment to now, by the theatre's clocks."""
        local = QDateTime.currentDateTimeUtc().toTimeZone(zone)
        self.when.setDateTime(QDateTime(local.date(), local.time()))

    # What is told

    def direction(self) -> tuple:
        """The bearing from true north and its plus or minus, degrees; (None, 180) if not told.

        Raises CeasefireError where the bearing is none.
        """
        told = self.bearing.text().strip()
        if not told:
            return None, 180.0
        unit = self.unit.currentData()
        degrees = degrees_of(told, unit)
        bearing = true_bearing(degrees, self.north.currentData(), self.declination.value())
        return bearing, min(180.0, halfwidth_in_degrees(self.off.value(), unit))

    def ranges(self) -> tuple:
        """The range at least and at most, metres; None where the latter is not known."""
        return self.near.value(), self.far.value() or None

    def parameters(self) -> Dict[str, Any]:
        """What ``ceasefire:addobservation`` is run with, but for the ledger."""
        near, far = self.ranges()
        return {
            "OBSERVER": f"{self.observer.x()!r},{self.observer.y()!r} [EPSG:4326]",
            "POST": self.post or "",
            "BEARING": self.bearing.text().strip(),
            "UNIT": self.unit.currentData(),
            "REFERENCE": self.north.currentData(),
            "DECLINATION": self.declination.value(),
            "PLUS_MINUS": self.off.value(),
            "RANGE_MIN": near if far else None,
            "RANGE_MAX": far,
            "MEANS": self.means.currentData(),
            "CATEGORY": self.category.currentData(),
            "FROM": self.when.dateTime().toString(MINUTE),
            "COUNT_LOW": None,
            "COUNT_HIGH": None,
            "DESCRIPTION": self.words.text().strip(),
            "MAKE_INCIDENT": self.incident.isChecked(),
        }

    def remember(self) -> None:
        """Keep how bearings are told here, for the next time."""
        settings = QgsSettings()
        settings.setValue(UNIT_KEY, self.unit.currentData())
        settings.setValue(NORTH_KEY, self.north.currentData())
        settings.setValue(DECLINATION_KEY, self.declination.value())
        off = halfwidth_in_degrees(self.off.value(), self.unit.currentData())
        settings.setValue(OFF_KEY, off)

    # The controls

    def _add_direction(self) -> None:
        tr, settings = self.tr, QgsSettings()
        self.where = self.row(
            tr("Observer"), QLineEdit(self.frame), tr("Where the observer stood: click on the map")
        )
        self.where.setReadOnly(True)
        units = (tr("degrees"), tr("mils (6400)"), tr("mils (6300)"), tr("mils (6000)"))
        self.unit = self._choice(tr("Bearings in"), zip(UNITS, (*units, tr("16 winds"))))
        self.unit.setToolTip(tr("What bearings are told in"))
        self.north = self._choice(tr("North"), (("true", tr("true")), ("magnetic", tr("magnetic"))))
        self.north.setToolTip(tr("Which north bearings are counted from"))
        self.declination = self._number(
            tr("Declination"), -180.0, 180.0, " °", tr("Of magnetic north there; east is positive")
        )
        self.bearing = self.row(
            tr("Bearing"),
            QLineEdit(self.frame),
            tr("Drag on the map, or type it; empty: not known"),
        )
        self.bearing.textChanged.connect(lambda *_: self.edited.emit())
        self.off = self._number(tr("Plus or minus"), 0.0, 3200.0, "", tr("How far it may be off"))
        self._choose(self.unit, settings.value(UNIT_KEY, "degrees"))
        self._choose(self.north, settings.value(NORTH_KEY, "true"))
        self.declination.setValue(settings.value(DECLINATION_KEY, 0.0, float))
        self.off.setValue(self._in_unit(settings.value(OFF_KEY, 5.0, float)))
        self._unit = self.unit.currentData()
        self.unit.currentIndexChanged.connect(self._unit_chosen)
        self.north.currentIndexChanged.connect(self._unit_chosen)

    def _add_range(self) -> None:
        pair = QWidget(self.frame)
        layout = QHBoxLayout(pair)
        layout.setContentsMargins(0, 0, 0, 0)
        self.near, self.far = QDoubleSpinBox(pair), QDoubleSpinBox(pair)
        for box, name, tip in (
            (self.near, self.tr("Range, at least"), self.tr("How far it was at least, metres")),
            (self.far, self.tr("Range, at most"), self.tr("At most, metres; 0: not known")),
        ):
            box.setRange(0.0, 1_000_000.0)
            box.setDecimals(0)
            box.setSingleStep(100.0)
            box.setSuffix(" m")
            box.valueChanged.connect(lambda *_: self.edited.emit())
            layout.addWidget(box)
            box.setAccessibleName(name)
            box.setToolTip(tip)
        self.far.setSpecialValueText(self.tr("not known"))
        self.row(self.tr("Range"), pair, self.tr("How far it was, at least and at most"))

    def _add_what(self) -> None:
        tr = self.tr
        for name, title, listed in (
            ("category", tr("What"), "categories"),
            ("means", tr("Perceived by"), "means"),
        ):
            codes = [("", tr("not known"))]
            codes += [(code, label(listed, code)) for code in vocabulary(listed)]
            setattr(self, name, self._choice(title, codes))
        self.category.setToolTip(tr("What was perceived"))
        self.means.setToolTip(tr("How it was perceived"))
        self._choose(self.category, "firing/explosion")
        self._choose(self.means, "heard")
        self.when = self.row(
            tr("When"), QDateTimeEdit(self.frame), tr("When it was, in the theatre's time")
        )
        self.when.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.words = self.row(tr("Description"), QLineEdit(self.frame), tr("What is told of it"))
        self.incident = QCheckBox(tr("Make the incident, too"), self.frame)
        self.incident.setChecked(True)
        self.incident.setToolTip(tr("Record the incident at the middle of its sector"))
        self.form.addRow("", self.incident)

    def _choice(self, title: str, codes) -> QComboBox:
        made = self.row(title, QComboBox(self.frame), title)
        for code, words in codes:
            made.addItem(words, code)
        return made

    def _choose(self, box: QComboBox, code: str) -> None:
        box.setCurrentIndex(max(box.findData(code), 0))

    def _number(self, title: str, least: float, most: float, unit: str, tip: str):
        made = self.row(title, QDoubleSpinBox(self.frame), tip)
        made.setRange(least, most)
        made.setDecimals(1)
        made.setSuffix(unit)
        made.valueChanged.connect(lambda *_: self.edited.emit())
        return made

    def _in_unit(self, degrees: float) -> float:
        unit = self.unit.currentData()
        return degrees if unit == "winds" else float(bearing_in(degrees, unit))

    def _unit_chosen(self, *_) -> None:
        """Tell what was told before in the unit that is chosen now."""
        unit = self.unit.currentData()
        with QSignalBlocker(self.off), QSignalBlocker(self.bearing):
            try:
                told = self.bearing.text().strip()
                if told and unit != self._unit:
                    told = bearing_in(degrees_of(told, self._unit), unit)
                    self.bearing.setText(told if isinstance(told, str) else f"{told:.1f}")
            except CeasefireError:
                # What was no bearing before is none now: it stays to be corrected.
                told = ""
            if unit != self._unit:
                self.off.setValue(self._in_unit(halfwidth_in_degrees(self.off.value(), self._unit)))
        self._unit = unit
        self.off.setSuffix(" °" if unit in ("degrees", "winds") else "")
        self.bearing.setPlaceholderText(", ".join(WINDS[:4]) + " …" if unit == "winds" else "")
        self.declination.setEnabled(self.north.currentData() == "magnetic")
        self.edited.emit()
