"""The wizard's last page: what will be done, how far it is, what came of it."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWizard,
    QWizardPage,
)

from ..job import Outcome
from ..runner import Runner
from .sequence import Sequence

DONE, RUNS, WAITS, STOPPED = "✓", "▸", "·", "✗"


class MakingPage(QWizardPage):
    """Lists the steps; *Make it* runs them. After a failure one may go back and try again."""

    def __init__(self, runner: Runner):
        super().__init__()
        self._runner = runner
        self.sequence = Sequence(runner, self)
        self.setTitle(self.tr("Make it"))
        self.setSubTitle(
            self.tr("Each step is an algorithm; it stands in Processing's history afterwards.")
        )
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Steps"))
        self.list.setToolTip(self.tr("What is done, one step after the other"))
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName(self.tr("Progress of this step"))
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start = QPushButton(self.tr("&Make it"), self)
        self.start.setToolTip(self.tr("Run the steps"))
        self.stop = QPushButton(self.tr("&Stop"), self)
        self.stop.setToolTip(self.tr("Stop this step; what earlier ones made stays"))
        buttons = QHBoxLayout()
        for button in (self.start, self.stop):
            button.setAccessibleName(button.text().replace("&", ""))
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.list, 1)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addLayout(buttons)
        self.start.clicked.connect(lambda *_: self.make())
        self.stop.clicked.connect(lambda *_: self.sequence.cancel())
        self.sequence.stepped.connect(self._stepped)
        self.sequence.ended.connect(self._ended)
        runner.progressed.connect(self._progressed)
        self._steps: list = []

    def initializePage(self):
        """The plan, as the answers are now."""
        self._steps = self.wizard().steps()
        self.sequence.reset()
        self.words.setText("")
        self._list(-1)

    def isComplete(self):
        """Once everything is made."""
        return self.sequence.outcome is Outcome.DONE

    def make(self) -> None:
        """Run what is not done yet."""
        if not self.sequence.is_running():
            self.sequence.start(self._steps)

    def let_go(self) -> None:
        """Stop, and hear of the runner no more."""
        self.sequence.close()
        self._runner.progressed.disconnect(self._progressed)

    def _stepped(self, position: int) -> None:
        self.bar.setRange(0, 0)
        self.words.setText("")
        self._list(position)
        self.completeChanged.emit()
        # While it runs there is no way back to the questions.
        self.wizard().button(QWizard.WizardButton.BackButton).setEnabled(False)

    def _progressed(self, percent: float) -> None:
        if self.sequence.is_running():
            self.bar.setRange(0, 100)
            self.bar.setValue(int(percent))

    def _ended(self, well: bool) -> None:
        self._list(self.sequence.position)
        self.words.setText(self._all_made() if well else self._what_stands())
        self.completeChanged.emit()
        self.wizard().ended(well)

    def _all_made(self) -> str:
        counts = self.sequence.results.get("ceasefire:importincidents", {})
        if counts:
            return (
                self.tr("Everything is made. Of %1 rows, %2 are incidents and %3 were set aside.")
                .replace("%1", f"{counts.get('ROWS', 0):,}")
                .replace("%2", f"{counts.get('IMPORTED', 0):,}")
                .replace("%3", f"{counts.get('REJECTED_ROWS', 0):,}")
            )
        return self.tr("Everything is made. “Finish” opens the project.")

    def _what_stands(self) -> str:
        """Where it stopped and why, what stays, and how to go on."""
        step = self._steps[self.sequence.position].words
        if self.sequence.outcome is Outcome.CANCELLED:
            sentence = self.tr("You stopped it at “%1”.").replace("%1", step)
        else:
            sentence = (
                self.tr("“%1” did not work: %2")
                .replace("%1", step)
                .replace("%2", self.sequence.sentence)
            )
        kept = self.tr("What the steps before made stays.")
        if self.sequence.done:
            ledger = self.sequence.done[0].parameters.get("LEDGER", "")
            kept = self.tr("What the steps before made stays, in %1.").replace("%1", ledger)
        how = self.tr("Go back to put it right, or try again: only what is missing is done.")
        return f"{sentence}\n{kept}\n{how}"

    def _list(self, position: int) -> None:
        running = self.sequence.is_running()
        failed = position >= 0 and self.sequence.outcome not in (None, Outcome.DONE)
        self.list.clear()
        for number, step in enumerate(self._steps):
            mark = DONE if self.sequence.is_done(step) else WAITS
            if number == position and mark is not DONE:
                mark = STOPPED if failed else RUNS
            item = QListWidgetItem(f"{mark}  {step.words}", self.list)
            item.setToolTip(step.algorithm_id)
        done = self.sequence.outcome is Outcome.DONE
        self.bar.setVisible(running)
        self.start.setEnabled(not running and not done)
        self.start.setText(self.tr("&Try again") if failed else self.tr("&Make it"))
        self.stop.setEnabled(running)
