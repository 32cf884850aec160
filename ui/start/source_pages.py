"""The wizard's pages for the contact line and the first reports; both may wait."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.gui import QgsFieldComboBox, QgsFileWidget
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QRadioButton

from ..commands import FEED_FILES
from .form import FormPage, SourceChooser
from .plan import Answers, LineFrom, ReportsFrom

WIDEST_M = 100_000.0
FIELD_LETTERS = 24


class LinePage(FormPage):
    """Later, from lines, or from areas of control."""

    def __init__(self):
        super().__init__("", "")
        self.setTitle(self.tr("The contact line"))
        self.setSubTitle(self.tr("Incidents are held against it. There may be none, or none yet."))
        self.choices = _choices(
            self,
            (
                (LineFrom.LATER, self.tr("Later, or there is none")),
                (LineFrom.LINES, self.tr("From a layer or file of lines")),
                (LineFrom.AREAS, self.tr("Drawn from areas of control")),
            ),
        )
        self.lines = SourceChooser(Qgis.LayerFilter.LineLayer, self)
        self.row(
            self.tr("Lines:"),
            self.lines,
            self.tr("Columns named as the ledger's fields are taken; others are left"),
        )
        self.areas = SourceChooser(Qgis.LayerFilter.PolygonLayer, self)
        self.row(self.tr("Areas:"), self.areas, self.tr("Polygons that say who held what"))
        self.party = QgsFieldComboBox(self)
        self.dates = QgsFieldComboBox(self)
        for field, words, tip in (
            (self.party, self.tr("Field with the holder:"), self.tr("Who holds each area")),
            (self.dates, self.tr("Field with the date:"), self.tr("From when it is so")),
        ):
            field.setAllowEmptyFieldName(True)
            field.setMinimumContentsLength(FIELD_LETTERS)
            self.row(words, field, tip)
        self.theatre = SourceChooser(Qgis.LayerFilter.PolygonLayer, self)
        self.row(
            self.tr("Edge of the theatre:"),
            self.theatre,
            self.tr("A polygon; what runs along its edge is coast or border. May be left empty"),
        )
        self.uncertainty = QDoubleSpinBox(self)
        self.uncertainty.setRange(0.0, WIDEST_M)
        self.uncertainty.setDecimals(0)
        self.uncertainty.setSuffix(self.tr(" m"))
        self.uncertainty.setSpecialValueText(self.tr("not known"))
        self.row(
            self.tr("Uncertainty of the line:"),
            self.uncertainty,
            self.tr("How far the true line may be from the drawn one"),
        )
        self._opened = None
        for chooser in (self.lines, self.areas):
            chooser.changed.connect(self._changed)
        self._show()

    def chosen(self) -> LineFrom:
        """The choice that is made."""
        return next(choice for choice, button in self.choices.items() if button.isChecked())

    def isComplete(self):
        """Nothing, or a source."""
        chooser = {LineFrom.LINES: self.lines, LineFrom.AREAS: self.areas}.get(self.chosen())
        return chooser is None or bool(chooser.value())

    def fill(self, answers: Answers) -> None:
        """Where the line comes from, and what its fields are."""
        answers.line_from = self.chosen()
        if answers.line_from is LineFrom.LINES:
            answers.line_source = self.lines.value()
        if answers.line_from is LineFrom.AREAS:
            answers.line_source = self.areas.value()
            answers.party_field = self.party.currentField()
            answers.date_field = self.dates.currentField()
            answers.theatre_layer = self.theatre.value()
            answers.uncertainty_m = self.uncertainty.value() or None

    def _changed(self) -> None:
        if self.sender() is self.areas:
            self._opened = self.areas.layer()
            for field, usual in ((self.party, "holder"), (self.dates, "valid_from")):
                field.setLayer(self._opened)
                known = self._opened is not None and usual in self._opened.fields().names()
                field.setField(usual if known else "")
        self.completeChanged.emit()

    def _show(self, *_) -> None:
        chosen = self.chosen()
        self.show_row(self.lines, chosen is LineFrom.LINES)
        for control in (self.areas, self.party, self.dates, self.theatre, self.uncertainty):
            self.show_row(control, chosen is LineFrom.AREAS)
        self.completeChanged.emit()


class ReportsPage(FormPage):
    """Later, a file, or a feed."""

    def __init__(self):
        from ...feeds.sources import NAMES
        from ...processing.incidents.importparameters import PRESETS

        super().__init__("", "")
        self.setTitle(self.tr("The first reports"))
        self.setSubTitle(self.tr("A file of incidents, or a feed that is fetched again and again."))
        self.choices = _choices(
            self,
            (
                (ReportsFrom.LATER, self.tr("Later")),
                (ReportsFrom.FILE, self.tr("A file")),
                (ReportsFrom.FEED, self.tr("A feed")),
            ),
        )
        self.file = QgsFileWidget(self)
        self.file.setFilter(
            self.tr("Tables and layers (%1);;All files (*)").replace("%1", FEED_FILES)
        )
        self.row(self.tr("File:"), self.file, self.tr("Any table of incidents"))
        self.preset = QComboBox(self)
        self.preset.addItems(PRESETS)
        self.row(
            self.tr("Preset:"), self.preset, self.tr("“auto” recognises the table by its columns")
        )
        self.source = QComboBox(self)
        self.source.addItems(NAMES)
        self.source.setCurrentText("url")
        self.row(self.tr("Source:"), self.source, self.tr("The kind of source"))
        self.name = QLineEdit(self)
        self.row(self.tr("Name of the feed:"), self.name, self.tr("The feed's name for people"))
        self.address = QLineEdit(self)
        self.row(
            self.tr("Address:"),
            self.address,
            self.tr("On the web, or a file for the source url; others need none. No secrets"),
        )
        self.fetch = QCheckBox(self.tr("Fetch it now"), self)
        self.fetch.setToolTip(self.tr("Else the panel of feeds does, when you say so"))
        self.form.addRow(self.fetch)
        self.hint = self.note(
            self.tr("A source that asks for a password or token gets it in the panel of feeds.")
        )
        self.file.fileChanged.connect(lambda *_: self.completeChanged.emit())
        self.name.textChanged.connect(lambda *_: self.completeChanged.emit())
        self._show()

    def chosen(self) -> ReportsFrom:
        """The choice that is made."""
        return next(choice for choice, button in self.choices.items() if button.isChecked())

    def isComplete(self):
        """Nothing, a file, or a feed with a name."""
        needed = {ReportsFrom.FILE: self.file.filePath(), ReportsFrom.FEED: self.name.text()}
        return bool(needed.get(self.chosen(), "-").strip())

    def fill(self, answers: Answers) -> None:
        """Where the reports come from."""
        answers.reports_from = self.chosen()
        answers.reports_file = self.file.filePath().strip()
        answers.preset = self.preset.currentText()
        answers.feed_name = self.name.text().strip()
        answers.feed_source = self.source.currentText()
        answers.feed_address = self.address.text().strip()
        answers.fetch_now = self.fetch.isChecked()

    def _show(self, *_) -> None:
        chosen = self.chosen()
        for control in (self.file, self.preset):
            self.show_row(control, chosen is ReportsFrom.FILE)
        for control in (self.source, self.name, self.address):
            self.show_row(control, chosen is ReportsFrom.FEED)
        for control in (self.fetch, self.hint):
            control.setVisible(chosen is ReportsFrom.FEED)
        self.completeChanged.emit()


def _choices(page, words) -> dict:
    """Radio buttons, one a choice, the first of them chosen."""
    made = {}
    for choice, text in words:
        button = QRadioButton(text, page)
        button.setToolTip(text)
        page.form.addRow(button)
        made[choice] = button
    next(iter(made.values())).setChecked(True)
    for button in made.values():
        button.toggled.connect(lambda *_: page._show())
    return made
