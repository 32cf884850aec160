"""The wizard that leads from nothing to a theatre's ledger and its ready project."""

from __future__ import annotations

from pathlib import Path
from typing import List

from qgis.core import Qgis, QgsProcessingUtils
from qgis.PyQt.QtWidgets import QWizard

from ..commands import Commands
from ..ledger_session import LedgerSession
from ..runner import Runner
from .making_page import MakingPage
from .plan import Answers, Step, steps_of
from .source_pages import LinePage, ReportsPage
from .theatre_pages import ClockPage, TheatrePage


class TheatreWizard(QWizard):
    """Asks, then runs the plan's algorithms; stays beside QGIS and does not block it."""

    def __init__(self, iface, session: LedgerSession, commands: Commands, runner: Runner, parent):
        super().__init__(parent)
        self._iface, self._session, self._commands = iface, session, commands
        self.setWindowTitle(self.tr("Set up a theatre"))
        self.setObjectName("ceasefire_monitor_wizard")
        # The other styles paint their own white, which a dark theme does not have.
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage, True)
        self.setMinimumSize(620, 460)
        self.setModal(False)
        self._scratch = QgsProcessingUtils.generateTempFilename("contact_lines.gpkg")
        self.theatre = TheatrePage(iface.mapCanvas())
        self.clocks = ClockPage()
        self.line = LinePage()
        self.reports = ReportsPage()
        self.making = MakingPage(runner)
        for page in (self.theatre, self.clocks, self.line, self.reports, self.making):
            self.addPage(page)
        self.setButtonText(QWizard.WizardButton.FinishButton, self.tr("&Finish"))

    def answers(self) -> Answers:
        """What the pages say now."""
        answers = Answers(scratch=self._scratch)
        for page in (self.theatre, self.clocks, self.line, self.reports):
            page.fill(answers)
        return answers

    def steps(self) -> List[Step]:
        """The plan for what the pages say now."""
        return steps_of(self.answers())

    def has_made(self, ledger: str) -> bool:
        """Whether this wizard made that ledger itself, so that it may go on with it."""
        made = self.making.sequence.done
        return bool(made) and made[0].parameters.get("LEDGER") == ledger

    def ended(self, well: bool) -> None:
        """While it runs there is no way back; afterwards there is."""
        self.button(QWizard.WizardButton.BackButton).setEnabled(not well)

    def accept(self) -> None:
        """Open the project that was made; where unsaved work is kept, the ledger alone."""
        results = self.making.sequence.results
        project = results.get("ceasefire:theatreproject", {}).get("PROJECT")
        ledger = results.get("ceasefire:createledger", {}).get("LEDGER")
        self.making.let_go()
        super().accept()
        if project and self._iface.newProject(True):
            # The session finds the ledger in the project by itself.
            self._iface.addProject(project)
        elif ledger:
            self._session.open(ledger, on_map=False)
            self._commands.say(
                self.tr("The project waits in %1.").replace("%1", Path(project).name),
                Qgis.MessageLevel.Info,
            )

    def reject(self) -> None:
        """Stop what runs; the ledger that was made stays, and is opened."""
        results = self.making.sequence.results
        ledger = results.get("ceasefire:createledger", {}).get("LEDGER")
        self.making.let_go()
        super().reject()
        if ledger:
            self._session.open(ledger)
            self._commands.say(
                self.tr("What was made so far stays: the ledger %1.").replace(
                    "%1", Path(ledger).name
                )
            )

    def close_for_good(self) -> None:
        """The plugin goes: stop, say nothing, open nothing."""
        self.blockSignals(True)
        self.making.let_go()
        super().reject()
        self.deleteLater()
