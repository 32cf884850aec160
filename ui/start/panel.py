"""The panel in which a day begins: the ledger that is open, those opened lately, the demo."""

from __future__ import annotations

from typing import Dict

from qgis.core import Qgis
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QAction, QWidget

from ..commands import demo_folder
from ..icons import icon
from ..panel import Panel


class StartPanel(Panel):
    """Its buttons are the commands' own actions and those that only it has."""

    NAME = "start"
    ICON = "ceasefire_monitor"
    AREA = Qt.DockWidgetArea.RightDockWidgetArea

    def title(self) -> str:
        return self.tr("Ceasefire Monitor: start")

    def short_title(self) -> str:
        return self.tr("Start")

    def tip(self) -> str:
        return self.tr("Open or make a ledger, set up a theatre, see the demo, hand over a shift")

    def build(self) -> QWidget:
        from .handover import Handover
        from .page import StartPage

        self.own: Dict[str, QAction] = self._make_actions()
        self.handover = Handover(self.session, self.commands, self)
        self.wizard = None
        self.page = StartPage(self.session, self.commands, self.own, self.runner, self)
        self.page.recent.chosen.connect(self.session.open)
        self.page.recent.missing.connect(
            lambda sentence: self.commands.say(sentence, Qgis.MessageLevel.Warning)
        )
        self.runner.started.connect(self._enable)
        self.runner.finished.connect(self._run_ended)
        return self.page

    def refresh(self) -> None:
        self.page.refresh()
        self._enable()

    def take_back(self) -> None:
        self.runner.started.disconnect(self._enable)
        self.runner.finished.disconnect(self._run_ended)
        if self.wizard is not None:
            self.wizard.close_for_good()
            self.wizard = None

    # What its own buttons do

    def set_up(self) -> None:
        """Open the wizard, or bring it to the front; it stays usable beside QGIS."""
        from .wizard import TheatreWizard

        if self.wizard is None:
            self.wizard = TheatreWizard(
                self.iface, self.session, self.commands, self.runner, self.iface.mainWindow()
            )
            self.wizard.finished.connect(self._wizard_closed)
        self.wizard.show()
        self.wizard.raise_()
        self.wizard.activateWindow()

    def hand_over(self) -> None:
        """Open the dialog of the shift's hand-over."""
        self.handover.show()

    def make_project(self) -> None:
        """Open the dialog that writes a project for the open ledger; then offer to open it."""
        from .project_file import free_project

        parameters = {"LEDGER": self.session.path, "PROJECT": free_project(self.session.path)}
        self.commands.show_dialog("ceasefire:theatreproject", parameters, self._project_made)

    def check(self) -> None:
        """Open the dialog that checks the ledger's history."""
        self.commands.show_dialog("ceasefire:verifyledger", {"LEDGER": self.session.path})

    def open_demo_brief(self) -> None:
        """Show the demo's brief in the system's reader."""
        path = demo_folder() / "brief" / "brief.pdf"
        if not path.is_file() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.commands.say(
                self.tr("The demo's brief could not be opened: %1").replace("%1", str(path)),
                Qgis.MessageLevel.Warning,
            )

    # What comes after

    def _project_made(self, results: dict) -> None:
        if results.get("PROJECT") and self.iface.newProject(True):
            self.iface.addProject(results["PROJECT"])

    def _wizard_closed(self, *_) -> None:
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            wizard.deleteLater()

    def _run_ended(self, *_) -> None:
        self._enable()

    def _enable(self, *_) -> None:
        idle, is_open = not self.runner.busy(), self.session.path is not None
        for name in ("handover", "project", "check"):
            self.own[name].setEnabled(is_open)
        self.own["demo_brief"].setEnabled((demo_folder() / "brief" / "brief.pdf").is_file())
        self.own["set_up"].setEnabled(idle or self.wizard is not None)

    def _make_actions(self) -> Dict[str, QAction]:
        made = {}
        for name, picture, text, tip, slot in (
            (
                "set_up",
                "ceasefire_monitor",
                self.tr("Set up a theatre…"),
                self.tr(
                    "Step by step: theatre, time zone, contact line and first reports, to a "
                    "project that is ready"
                ),
                self.set_up,
            ),
            (
                "handover",
                "brief",
                self.tr("Hand over the shift…"),
                self.tr("What the next shift has to know: new, changed, overdue, out of order"),
                self.hand_over,
            ),
            (
                "project",
                "ledger",
                self.tr("Make its project…"),
                self.tr("Write a QGIS project for this ledger: groups, times, bookmarks, sheets"),
                self.make_project,
            ),
            (
                "check",
                "ledger",
                self.tr("Check its history…"),
                self.tr("Check that nothing in the ledger's history was changed or left out"),
                self.check,
            ),
            (
                "demo_brief",
                "brief",
                self.tr("The demo's brief"),
                self.tr("Open the printed brief of the demo; open the demo first, which makes it"),
                self.open_demo_brief,
            ),
        ):
            action = QAction(icon(picture), text, self)
            action.setObjectName(f"ceasefire_monitor_start_{name}")
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.triggered.connect(lambda _=False, slot=slot: slot())
            made[name] = action
        return made
