"""What menu, toolbar and panel can do. Each runs an algorithm or opens its dialog."""

from __future__ import annotations

import configparser
from html import escape
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from qgis.core import Qgis, QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QObject, QUrl
from qgis.PyQt.QtWidgets import QAction, QFileDialog, QInputDialog

from ..processing.ledger.place import is_in_database, known_connections, source_of
from .algorithm_dialogs import AlgorithmDialogs
from .icons import icon
from .job import Outcome, Run
from .ledger_session import LedgerSession
from .runner import Runner
from .services.defaults import for_new_brief, for_new_ledger

FOLDER_KEY = "ceasefire_monitor/last_folder"
DISTANCE_KEY = "ceasefire_monitor/flag_distance_m"
DISTANCE_M = 5000.0
METADATA = Path(__file__).resolve().parent.parent / "metadata.txt"
FEED_FILES = "*.csv *.tsv *.txt *.xlsx *.ods *.geojson *.json *.gpkg *.kml"
Period = Callable[[], tuple]


class Commands(QObject):
    """The actions, by name in ``actions``, and what they do.

    ``period`` gives the first and last day that the panel shows, as QDate or None; a brief starts
    from it.
    """

    def __init__(self, iface, session: LedgerSession, runner: Runner):
        super().__init__(iface.mainWindow())
        self.period: Period = lambda: (None, None)
        # The panel of incidents, once it is there.
        self.incidents = None
        self._iface = iface
        self._session = session
        self._runner = runner
        self._dialogs = AlgorithmDialogs(iface, self)
        self._help = None
        self.importing = None
        self.actions: Dict[str, QAction] = {}
        self._make_actions()
        session.changed.connect(self._enable)
        runner.started.connect(self._enable)
        runner.finished.connect(self._enable)
        self._enable()

    # The demo and the ledger

    def open_demo(self) -> None:
        """Open the demo theatre; it is made first where it is not there yet."""
        folder = demo_folder()
        if (folder / "demo.qgz").is_file():
            self._open_demo_project(folder)
            return
        self._runner.run("ceasefire:makedemo", {"OUTPUT_FOLDER": str(folder)}, self._demo_made)

    def open_ledger(self) -> None:
        """Ask for a ledger and open it."""
        path, _ = QFileDialog.getOpenFileName(
            self._iface.mainWindow(),
            self.tr("Open a ledger"),
            QgsSettings().value(FOLDER_KEY, ""),
            self.tr("Ledger (*.gpkg)"),
        )
        if path:
            QgsSettings().setValue(FOLDER_KEY, str(Path(path).parent))
            self._session.open(path)

    def open_team_ledger(self) -> None:
        """Ask for a ledger in a database, as connection/schema, and open it."""
        known = [path for path in self._session.recent() if is_in_database(path)]
        known += [f"{name}/" for name in known_connections()]
        text, chosen = QInputDialog.getItem(
            self._iface.mainWindow(),
            self.tr("Open a team's ledger"),
            self.tr("Connection and schema, such as mission server/vale:"),
            known,
            0,
            True,
        )
        if chosen and text.strip():
            self._session.open(text.strip())

    def new_ledger(self) -> None:
        """Open the dialog that makes a ledger; the new one is opened."""
        self._dialogs.show("ceasefire:createledger", for_new_ledger(), self._ledger_made)

    # The work

    def import_file(self) -> None:
        """Ask for a feed's file and open the import's dialog for it, for the open ledger."""
        path, _ = QFileDialog.getOpenFileName(
            self._iface.mainWindow(),
            self.tr("Import a feed's file"),
            QgsSettings().value(FOLDER_KEY, ""),
            self.tr("Tables and layers (%1);;All files (*)").replace("%1", FEED_FILES),
        )
        if path:
            QgsSettings().setValue(FOLDER_KEY, str(Path(path).parent))
            self._imports().open(path)

    def paste_rows(self) -> None:
        """Open the import's dialog for rows that were copied in a spreadsheet."""
        self._imports().paste()

    def import_layer(self) -> None:
        """Open the import's dialog for a layer that is open, for the open ledger."""
        self._import({})

    def flag(self) -> None:
        """Hold the ledger's incidents against its lines, and keep the findings in it."""
        ledger = self._session.path
        if ledger is None:
            return
        parameters = {
            "INPUT": self._incidents_of(ledger),
            "DISTANCE": QgsSettings().value(DISTANCE_KEY, DISTANCE_M, float),
            "TIMEZONE": self._session.clock.name,
            "LEDGER": ledger,
            "OUTPUT": "TEMPORARY_OUTPUT",
        }
        self._runner.run("ceasefire:flagincidents", parameters, self._flagged)

    def brief(self) -> None:
        """Open the brief's dialog, for the open ledger and the period that the panel shows."""
        first, last = self.period()
        parameters = {**self._ledger_parameters(), **for_new_brief()}
        parameters["FROM"] = first and first.toString("yyyy-MM-dd")
        parameters["TO"] = last and last.toString("yyyy-MM-dd")
        if self._session.path is not None and not is_in_database(self._session.path):
            days = [day for day in (parameters["FROM"], parameters["TO"]) if day]
            folder = Path(self._session.path).parent / "_".join(["brief", *days])
            parameters["OUTPUT_FOLDER"] = str(folder)
        self._dialogs.show("ceasefire:brief", parameters, self._brief_made)

    def show_dialog(self, algorithm_id: str, parameters: Dict[str, Any], then=None) -> None:
        """Open an algorithm's dialog, filled in; ``then`` gets its results."""
        self._dialogs.show(algorithm_id, parameters, then or (lambda results: None))

    def help(self, page: str = "index.md") -> None:
        """Show a page of help."""
        from .help_dialog import HelpDialog

        if self._help is None:
            self._help = HelpDialog(self._iface.mainWindow())
        self._help.show_page(page)
        self._help.show()
        self._help.raise_()

    def say(self, sentence: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Info) -> None:
        """Say a sentence in QGIS's message bar."""
        self._say(sentence, level)

    def unload(self) -> None:
        """Take back every action and dialog."""
        self._dialogs.unload()
        if self.importing is not None:
            self.importing.unload()
            self.importing = None
        if self._help is not None:
            self._help.close()
            self._help.deleteLater()
            self._help = None
        for action in self.actions.values():
            action.deleteLater()
        self.actions.clear()

    def _imports(self):
        """What opens the import's dialog; made at its first use."""
        from .importing.imports import Imports

        if self.importing is None:
            self.importing = Imports(
                self._iface.mainWindow(),
                self._session,
                self._runner,
                self._import,
                self._say,
                self._ledger_written,
            )
        return self.importing

    def _import(self, parameters: Dict[str, Any]) -> None:
        self._dialogs.show(
            "ceasefire:importincidents",
            {**self._ledger_parameters(), **parameters},
            self._ledger_written,
        )

    # What comes after

    def _demo_made(self, run: Run) -> None:
        if run.outcome is Outcome.DONE:
            self._open_demo_project(demo_folder())
            self._say_with_file(self.tr("The demo is ready. Its brief: %1"), run.results["BRIEF"])

    def _open_demo_project(self, folder: Path) -> None:
        # QGIS asks here what is to become of unsaved work; the session finds the ledger by itself.
        if self._iface.newProject(True):
            self._iface.addProject(str(folder / "demo.qgz"))

    def _ledger_made(self, results: Dict[str, Any]) -> None:
        if results.get("LEDGER"):
            self._session.open(results["LEDGER"])

    def _ledger_written(self, results: Dict[str, Any]) -> None:
        written = results.get("LEDGER")
        if written and self._session.path is None:
            self._session.open(written)
        else:
            self._session.reload()

    def _flagged(self, run: Run) -> None:
        if run.outcome is not Outcome.DONE:
            return
        self._session.reload()
        self._say(
            self.tr("The incidents are flagged; %1 of them are near the line, %2 possibly.")
            .replace("%1", f"{run.results.get('NEAR', 0):,}")
            .replace("%2", f"{run.results.get('POSSIBLE', 0):,}"),
            Qgis.MessageLevel.Success,
        )

    def _brief_made(self, results: Dict[str, Any]) -> None:
        if results.get("PDF"):
            self._say_with_file(self.tr("The brief is ready: %1"), results["PDF"])

    def _say_with_file(self, sentence: str, path: str) -> None:
        """Say that something succeeded, with a file to open in place of %1."""
        address, name = QUrl.fromLocalFile(path).toString(), Path(path).name
        link = f'<a href="{escape(address)}">{escape(name)}</a>'
        self._say(sentence.replace("%1", link), Qgis.MessageLevel.Success)

    def _say(self, sentence: str, level: Qgis.MessageLevel) -> None:
        self._iface.messageBar().pushMessage(self.tr("Ceasefire Monitor"), sentence, level)

    # The actions

    def _incidents_of(self, ledger: str) -> str:
        """The incidents as an algorithm takes them; a team's as a layer, for its address tells of
        the connection and algorithms' parameters are kept."""
        if not is_in_database(ledger):
            return source_of(ledger, "incidents", None)[0]
        if self._session.layer() is None:
            self._session.show_on_map()
        return self._session.layer().id()

    def _ledger_parameters(self) -> Dict[str, Any]:
        if self._session.path is None:
            return {}
        return {"LEDGER": self._session.path, "TIMEZONE": self._session.clock.name}

    def _make_actions(self) -> None:
        self._add(
            "demo",
            self.tr("Open the demo"),
            self.open_demo,
            self.tr("Open a fictional theatre to try everything on; it is made at the first time"),
        )
        self._add(
            "open",
            self.tr("Open a ledger…"),
            self.open_ledger,
            self.tr("Open the file in which incidents and findings are kept"),
            "ledger",
        )
        self._add(
            "team",
            self.tr("Open a team's ledger…"),
            self.open_team_ledger,
            self.tr("Open a ledger that a team shares in PostgreSQL"),
            "ledger",
        )
        self._add(
            "new",
            self.tr("New ledger…"),
            self.new_ledger,
            self.tr("Make an empty ledger for a theatre"),
            "ledger",
        )
        self._add(
            "import",
            self.tr("Import…"),
            self.import_file,
            self.tr("Import incidents from a feed's file"),
        )
        self._add(
            "paste",
            self.tr("Paste rows…"),
            self.paste_rows,
            self.tr("Import rows of incidents that were copied in a spreadsheet"),
            "import",
        )
        self._add(
            "layer",
            self.tr("Import a layer…"),
            self.import_layer,
            self.tr("Import incidents from a layer that is open in the project"),
            "import",
        )
        self._add(
            "flag",
            self.tr("Flag"),
            self.flag,
            self.tr("Say which incidents lie near the line that was in force on their day"),
        )
        self._add(
            "brief",
            self.tr("Brief…"),
            self.brief,
            self.tr("Print the brief of a period, with its data annex"),
        )
        self._add("help", self.tr("Help"), self.help, self.tr("How to use Ceasefire Monitor"))

    def _add(self, name: str, text: str, slot, tip: str, picture: Optional[str] = None) -> None:
        action = QAction(icon(picture or name), text, self)
        action.setObjectName(f"ceasefire_monitor_{name}")
        action.setToolTip(tip)
        action.setStatusTip(tip)
        action.triggered.connect(lambda *_: slot())
        self.actions[name] = action

    def _enable(self, *_) -> None:
        if not self.actions:
            return
        idle = not self._runner.busy()
        for name in ("demo", "open", "team", "new", "import", "paste", "layer", "brief"):
            self.actions[name].setEnabled(idle)
        self.actions["flag"].setEnabled(idle and bool(self._session.rows))


def demo_folder() -> Path:
    """Where this version of the plugin keeps its demo: in the user's profile."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(METADATA, encoding="utf-8")
    profile = Path(QgsApplication.qgisSettingsDirPath())
    return profile / "ceasefire_monitor" / f"demo-{metadata['general']['version']}"
