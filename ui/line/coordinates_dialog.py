"""The dialog in which a line or area is made of coordinates that are typed or pasted."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry, QgsProcessingUtils, QgsVectorLayer
from qgis.gui import QgsDoubleSpinBox
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
)

from ...model.vocabulary import label, vocabulary
from ..job import Outcome, Run
from ..maptools.marks import Marks

ALGORITHM = "ceasefire:linefromcoordinates"
TABLES = {"line": "contact_lines", "area": "zones"}
KINDS = {"line": "line_kinds", "area": "zone_kinds"}


class CoordinatesDialog(QDialog):
    """Runs the algorithm for a look at the map, and then “Add to ledger”."""

    def __init__(self, panel):
        super().__init__(panel.iface.mainWindow())
        self._panel, self._runner = panel, panel.runner
        self._marks = Marks(panel.iface.mapCanvas())
        self.setWindowTitle(self.tr("Line or area from coordinates"))
        self._make_fields()
        self._lay_out()
        self._kinds()
        self.draw.currentIndexChanged.connect(self._kinds)

    def parameters(self, output: str) -> dict:
        """What the algorithm gets."""
        return {
            "TEXT": self.text.toPlainText(),
            "FORMAT": self.form.currentData(),
            "DRAW": self.draw.currentData(),
            "ACCURACY": self.accuracy.value() if self.accuracy.value() >= 0 else None,
            "LINE_NAME": self.name.text(),
            "KIND": self.kind.currentData(),
            "LEFT_PARTY": self.left.text(),
            "RIGHT_PARTY": self.right.text(),
            "FROM": self.begin.text(),
            "TO": self.end.text(),
            "TIMEZONE": self._panel.session.clock.name,
            "SOURCE": self.source.text(),
            "OUTPUT": output,
        }

    def look(self) -> None:
        """Read the coordinates and show on the map what they make; nothing is written."""
        self._run(self._looked)

    def add(self) -> None:
        """Read the coordinates and add what they make to the ledger."""
        self._run(self._made)

    def done(self, result):
        """Take what was drawn off the map."""
        self._marks.clear()
        super().done(result)

    def _run(self, then) -> None:
        output = QgsProcessingUtils.generateTempFilename("coordinates.gpkg")
        if self._runner.run(ALGORITHM, self.parameters(output), then):
            self.told.setText(self.tr("Reading…"))

    def _looked(self, run: Run) -> None:
        shapes = self._shapes(run)
        if shapes is None:
            return
        self._marks.show(shapes)
        self._panel.on_map.zoom_to(shapes)

    def _made(self, run: Run) -> None:
        if self._shapes(run) is None:
            return
        parameters = {
            "INPUT": run.results["OUTPUT"],
            "TABLE": TABLES[self.draw.currentData()],
            "LEDGER": self._panel.session.path,
            "TIMEZONE": self._panel.session.clock.name,
            "WHY": self.tr("from coordinates"),
        }
        self._runner.run("ceasefire:addtoledger", parameters, self._added)

    def _added(self, run: Run) -> None:
        if run.outcome is not Outcome.DONE:
            self.told.setText(run.sentence)
            return
        new = run.results["ADDED"] + run.results["CHANGED"]
        sentence = self.tr("It is in the ledger.") if new else self.tr("The ledger had it already.")
        self._panel.session.reload()
        self._panel.commands.say(sentence)
        self.accept()

    def _shapes(self, run: Run) -> Optional[list]:
        """What a run drew, and a sentence on it; None where it failed."""
        if run.outcome is not Outcome.DONE:
            self.told.setText(run.sentence or self.tr("It was cancelled."))
            return None
        layer = QgsVectorLayer(run.results["OUTPUT"], "coordinates", "ogr")
        shapes = [QgsGeometry(feature.geometry()) for feature in layer.getFeatures()]
        written = run.results["WRITTEN_M"]
        exact = self.tr("not known") if written is None else f"± {written:,.1f} m"
        self.told.setText(
            self.tr("%1 places, %2 km; what writing and datum leave open: %3.")
            .replace("%1", f"{run.results['POINTS']:,}")
            .replace("%2", f"{run.results['LENGTH_M'] / 1000:,.2f}")
            .replace("%3", exact)
        )
        return shapes

    # How it is made

    def _make_fields(self) -> None:
        self.text = QPlainTextEdit(self)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlaceholderText("48.5123, 37.9876\n37U DQ 12345 67890\n5567890 7412345")
        self.text.setTabChangesFocus(True)
        self.form, self.draw, self.kind = QComboBox(self), QComboBox(self), QComboBox(self)
        for code, words in (
            ("auto", self.tr("find out by itself")),
            ("decimal", self.tr("decimal degrees")),
            ("dm", self.tr("degrees, minutes")),
            ("dms", self.tr("degrees, minutes, seconds")),
            ("utm", "UTM"),
            ("mgrs", "MGRS"),
            ("sk42", self.tr("SK-42 (Pulkovo 1942), degrees")),
            ("gauss_kruger", self.tr("SK-42, Gauss-Krüger")),
        ):
            self.form.addItem(words, code)
        self.draw.addItem(self.tr("a contact line"), "line")
        self.draw.addItem(self.tr("a zone"), "area")
        self.name, self.left, self.right = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.begin, self.end, self.source = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.begin.setPlaceholderText("2031-03-14")
        self.end.setPlaceholderText(self.tr("open"))
        self.accuracy = QgsDoubleSpinBox(self)
        self.accuracy.setRange(-1.0, 1_000_000.0)
        self.accuracy.setSpecialValueText(self.tr("not known"))
        self.accuracy.setValue(-1.0)
        self.accuracy.setClearValue(-1.0)
        self.accuracy.setSuffix(self.tr(" m"))
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.told.setAccessibleName(self.tr("What was read"))

    def _lay_out(self) -> None:
        form = QFormLayout()
        for title, field, tip in (
            (
                self.tr("Coordinates"),
                self.text,
                self.tr("One place a line, latitude first; # begins a remark"),
            ),
            (self.tr("Written as"), self.form, self.tr("Degrees of SK-42 have to be chosen")),
            (self.tr("Makes"), self.draw, self.tr("A line in the places' order, or an area")),
            (self.tr("Name"), self.name, self.tr("What it is called")),
            (self.tr("Kind"), self.kind, self.tr("Of which kind it is")),
            (self.tr("Left party"), self.left, self.tr("Left from the first place to the last")),
            (self.tr("Right party"), self.right, self.tr("The party on the other side")),
            (self.tr("From"), self.begin, self.tr("In force from: 2031-03-14, or with a time")),
            (self.tr("Until"), self.end, self.tr("In force until, that day included; or open")),
            (self.tr("Uncertainty"), self.accuracy, self.tr("How far off it may be, holding 95 %")),
            (self.tr("Source"), self.source, self.tr("The document that they stand in")),
        ):
            field.setToolTip(tip)
            field.setAccessibleName(title)
            form.addRow(title, field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        look = buttons.addButton(self.tr("Look at it"), QDialogButtonBox.ButtonRole.ActionRole)
        look.setToolTip(self.tr("Show on the map what they make; nothing is written"))
        add = buttons.addButton(
            self.tr("Add to the ledger"), QDialogButtonBox.ButtonRole.ActionRole
        )
        add.setToolTip(self.tr("Add it to the open ledger, with its history"))
        look.clicked.connect(self.look)
        add.clicked.connect(self.add)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.told)
        column.addWidget(buttons)
        self.resize(480, 560)

    def _kinds(self, *_) -> None:
        """The kinds of what is drawn; parties and uncertainty are a line's alone."""
        draw = self.draw.currentData()
        self.kind.clear()
        self.kind.addItem(self.tr("not known"), None)
        for code in vocabulary(KINDS[draw]):
            self.kind.addItem(label(KINDS[draw], code), code)
        for field in (self.left, self.right, self.accuracy):
            field.setEnabled(draw == "line")
