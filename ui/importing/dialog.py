"""The import's dialog: columns beside the model's fields, and the rows as they would be read."""

from __future__ import annotations

import json
from typing import List, Optional

from qgis.core import QgsApplication
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import QCoreApplication, Qt, QTimeZone, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..local_time import LocalTime
from .mapping_bar import MappingBar
from .mapping_table import MappingTable
from .preview_table import PreviewTable
from .trial import Reading, Trial, TrialTask

ALGORITHM = "ceasefire:importincidents"


class ImportDialog(QDialog):
    """``wanted`` says that the import shall run with ``parameters()``."""

    wanted = pyqtSignal()
    plain_wanted = pyqtSignal()

    def __init__(self, path: str, name: str, ledger: Optional[str], timezone: str, parent=None):
        super().__init__(parent)
        self.path, self.trial = path, Trial()
        self._table = None
        self._zone = timezone
        self._task: Optional[TrialTask] = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self.setWindowTitle(self.tr("Import %1").replace("%1", name))
        self.resize(1100, 720)
        self._make_form(ledger, timezone)
        self._make_tables()
        self._make_buttons()
        self.try_again()

    def reading(self) -> Reading:
        """How the file is to be read, as it is set now."""
        mapping = dict(self.mapping.mapping)
        if self.source.text().strip():
            mapping["source"] = {"value": self.source.text().strip()}
        return Reading(self.preset.currentData(), self.timezone.currentText().strip(), mapping)

    def take(self, reading: Reading) -> None:
        """Set everything as a reading has it."""
        mapping = dict(reading.mapping)
        source = mapping.pop("source", None)
        self.source.setText(str(source.get("value") or "") if isinstance(source, dict) else "")
        self.preset.setCurrentIndex(max(0, self.preset.findData(reading.preset)))
        self.timezone.setCurrentText(reading.timezone)
        self.mapping.set_mapping(mapping)
        self.try_again()

    def parameters(self) -> dict:
        """What the algorithm gets."""
        reading = self.reading()
        return {
            "INPUT": self.path,
            "PRESET": reading.preset,
            "TIMEZONE": reading.timezone,
            "MAPPING": json.dumps(reading.mapping, ensure_ascii=False) if reading.mapping else "",
            "LEDGER": self.ledger_path(),
            "REJECTED": "TEMPORARY_OUTPUT",
        }

    def ledger_path(self) -> str:
        """Where the incidents go."""
        if self._given_ledger:
            return self._given_ledger
        path = self.ledger.filePath().strip()
        return path if not path or path.endswith(".gpkg") else f"{path}.gpkg"

    def is_trying(self) -> bool:
        """Whether the preview is being read."""
        return self._task is not None

    def try_again(self) -> None:
        """Read the first rows as set now, in a task; an earlier trial is dropped."""
        if self._task is not None:
            self._task.cancel()
        task = TrialTask(self.path, self._table, self.reading(), self._tried)
        self._zone = task.reading.timezone
        self._task = task
        self._running.add(task)
        self._allow()
        self.words.setText(self.tr("Reading the first rows…"))
        QgsApplication.taskManager().addTask(task)

    def done(self, result):
        """Closed: what still runs is not waited for."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        super().done(result)

    def _tried(self, task: TrialTask) -> None:
        self._running.discard(task)
        if task is not self._task:
            return
        self._task, self._table = None, task.table
        self.trial = trial = task.trial
        self.words.setText(trial.sentence or summary(trial))
        self.words.setToolTip("\n".join(trial.notes))
        self.source.setPlaceholderText(trial.source)
        if trial.fields:
            self.mapping.show_trial(trial)
        clock = LocalTime(task.reading.timezone)
        self.preview.show_rows(trial.rows, trial.columns, clock)
        self._allow()

    def _allow(self) -> None:
        usable = self._task is None and not self.trial.sentence and bool(self.trial.rows)
        self.run_button.setEnabled(usable and bool(self.ledger_path()))

    def _make_form(self, ledger: Optional[str], timezone: str) -> None:
        from ...processing.incidents.importparameters import PRESETS

        self._given_ledger = ledger
        self.form = QFormLayout()
        self.preset = QComboBox(self)
        for name in PRESETS:
            self.preset.addItem(preset_title(name), name)
        self.preset.activated.connect(lambda *_: self.try_again())
        self._row(self.tr("Kind of table:"), self.preset, self.tr("Where the table comes from"))
        self.timezone = QComboBox(self)
        self.timezone.setEditable(True)
        zones: List[str] = sorted(bytes(zone).decode() for zone in QTimeZone.availableTimeZoneIds())
        self.timezone.addItems(zones)
        self.timezone.setCurrentText(timezone)
        self.timezone.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.timezone.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.timezone.lineEdit().editingFinished.connect(self._zone_edited)
        self.timezone.activated.connect(lambda *_: self._zone_edited())
        self._row(self.tr("Time zone:"), self.timezone, self.tr("What local times are in"))
        self.source = QLineEdit(self)
        self.source.textChanged.connect(lambda *_: self._allow())
        self._row(
            self.tr("Name of the source:"),
            self.source,
            self.tr("Begins every incident's id: the same name for the same source each time"),
        )
        self.saved = MappingBar(self.reading, self)
        self.saved.chosen.connect(self.take)
        self.saved.refused.connect(lambda sentence: self.words.setText(sentence))
        self.form.addRow(self.tr("Saved mapping:"), self.saved)
        self.ledger = QgsFileWidget(self)
        self.ledger.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.ledger.setConfirmOverwrite(False)
        self.ledger.setFilter(self.tr("Ledger (*.gpkg)"))
        self.ledger.fileChanged.connect(lambda *_: self._allow())
        tip = self.tr("The ledger that takes the incidents; it is made where there is none yet")
        if ledger is None:
            self._row(self.tr("Ledger:"), self.ledger, tip)
        else:
            self.ledger.hide()

    def _row(self, words: str, widget: QWidget, tip: str) -> None:
        widget.setToolTip(tip)
        widget.setAccessibleName(words.rstrip(":"))
        self.form.addRow(words, widget)

    def _make_tables(self) -> None:
        self.mapping = MappingTable(self)
        self.mapping.changed.connect(self.try_again)
        self.preview = PreviewTable(self)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.form)
        column.addWidget(self.mapping, 1)
        self.parts = QSplitter(Qt.Orientation.Horizontal, self)
        self.parts.addWidget(left)
        self.parts.addWidget(self.preview)
        self.parts.setSizes([460, 640])
        self.parts.setChildrenCollapsible(False)
        self.words = QLabel(self)
        self.words.setWordWrap(True)

    def _make_buttons(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        role = QDialogButtonBox.ButtonRole
        self.run_button = buttons.addButton(self.tr("Import"), role.AcceptRole)
        self.run_button.setToolTip(self.tr("Write the rows to the ledger, all or none"))
        plain = buttons.addButton(self.tr("All parameters…"), role.ActionRole)
        plain.setToolTip(self.tr("Open the algorithm's own dialog, with all that it can do"))
        plain.clicked.connect(lambda *_: self.plain_wanted.emit())
        buttons.accepted.connect(self.wanted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.parts, 1)
        column.addWidget(self.words)
        column.addWidget(buttons)

    def _zone_edited(self) -> None:
        if self.timezone.currentText().strip() != self._zone:
            self.try_again()


def preset_title(name: str) -> str:
    """A preset's name for people."""
    from ...feeds.presets import PRESETS

    if name == "auto":
        return tr("Recognise by the columns")
    return PRESETS[name].title if name in PRESETS else name


def summary(trial: Trial) -> str:
    """What a trial showed, in sentences."""
    first = (
        tr("Of %1 rows, %2 become incidents, %3 are effort and %4 are set aside.")
        if trial.tried == trial.total
        else tr("Of the first %1 rows, %2 become incidents, %3 are effort and %4 are set aside.")
    )
    sentence = (
        first.replace("%1", f"{trial.tried:,}")
        .replace("%2", f"{trial.imported:,}")
        .replace("%3", f"{trial.effort:,}")
        .replace("%4", f"{trial.rejected:,}")
    )
    read_as = tr("Read as: %1.").replace("%1", preset_title(trial.preset))
    return f"{read_as} {sentence}"


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("ImportDialog", text)
