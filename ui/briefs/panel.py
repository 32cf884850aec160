"""The panel of briefs: what one will hold, a preview, making it, and those made before."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Dict

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QAction, QWidget

from ..panel import Panel

TYPING_MS = 400
BRIEF, CONTENTS = "ceasefire:brief", "ceasefire:briefcontents"


class BriefsPanel(Panel):
    """Its buttons run ``ceasefire:brief``, ``briefcontents`` and ``ledgerdiff``."""

    NAME = "briefs"
    ICON = "brief"
    HELP_PAGE = "brief"
    AREA = Qt.DockWidgetArea.RightDockWidgetArea

    def title(self) -> str:
        return self.tr("Ceasefire Monitor: briefs")

    def short_title(self) -> str:
        return self.tr("Briefs")

    def tip(self) -> str:
        return self.tr("Show or hide what a brief will hold, its preview, and earlier briefs")

    def build(self) -> QWidget:
        from .page import BriefsPage

        self.own: Dict[str, QAction] = self._make_actions()
        self.page = BriefsPage(self)
        self.preview_dialog = None
        self._looking = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        # What the brief will hold is counted beside whatever else runs.
        self.counting = self.runner.beside()
        self._again = False
        self._folder_set = ""
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._count)
        self._temporary = None
        self.page.form.changed.connect(self._form_changed)
        self.page.line_chosen.connect(self._show_line)
        self.page.past.currentItemChanged.connect(self._enable)
        self.runner.started.connect(self._enable)
        self.runner.finished.connect(self._enable)
        return self.page

    def refresh(self) -> None:
        """Follow the open ledger: its days, what the brief would hold, earlier briefs."""
        if self.session.path is None:
            self.page.setCurrentWidget(self.page.empty)
            self._enable()
            return
        self.page.setCurrentWidget(self.page.whole)
        self._form_changed()
        self.look_for_past()

    def take_back(self) -> None:
        self._typing.stop()
        self.counting.close()
        self.counting.deleteLater()
        self._stop_looking()
        self.runner.started.disconnect(self._enable)
        self.runner.finished.disconnect(self._enable)
        self.forget_preview()

    def forget_preview(self) -> None:
        """Close the preview and delete what it showed."""
        if self.preview_dialog is not None:
            self.preview_dialog.close()
            self.preview_dialog.deleteLater()
            self.preview_dialog = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    # What its own buttons do

    def make(self) -> None:
        """Make the brief into the folder."""
        folder = self.page.form.folder.filePath().strip()
        if not folder:
            self.commands.say(
                self.tr("Choose the folder for the brief first."), Qgis.MessageLevel.Warning
            )
            self.page.form.folder.setFocus()
            return
        self.runner.run(BRIEF, {**self._asked(), "OUTPUT_FOLDER": folder}, self._made)

    def preview(self) -> None:
        """Make the brief into a folder that goes with the panel, and show its pages."""
        from .preview import can_draw

        if not can_draw():
            self.commands.say(
                self.tr(
                    "This QGIS cannot draw a PDF, so there is no preview. Make the brief into a "
                    "folder, and open it."
                ),
                Qgis.MessageLevel.Warning,
            )
            return
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="ceasefire_preview_")
        asked = {**self._asked(), "OUTPUT_FOLDER": self._temporary.name}
        self.runner.run(BRIEF, asked, self._show_preview, history=False)

    def open_brief(self) -> None:
        """Open the chosen brief in the system's reader."""
        self._open(self.page.chosen_brief().pdf)

    def open_folder(self) -> None:
        """Show the chosen brief's folder."""
        self._open(self.page.chosen_brief().folder)

    def since(self) -> None:
        """Open the dialog that tells what changed in the ledger since the chosen brief."""
        brief = self.page.chosen_brief()
        self.commands.show_dialog(
            "ceasefire:ledgerdiff", {"LEDGER": self.session.path, "SINCE": brief.as_of}
        )

    def again(self) -> None:
        """Open the dialog of the brief, filled in to make the chosen one as it was known then."""
        from .past import MANIFEST

        brief = self.page.chosen_brief()
        options = json.loads((brief.folder / MANIFEST).read_text(encoding="utf-8"))["options"]
        parameters = {
            "LEDGER": self.session.path,
            "AS_OF": brief.as_of,
            "FROM": options["from"],
            "TO": options["to"],
            "TITLE": options["title"],
            "OUTPUT_FOLDER": f"{brief.folder}_again",
        }
        for name in ("kind", "template", "paper", "language", "release"):
            if name in options:
                parameters[name.upper()] = options[name]
        self.commands.show_dialog(BRIEF, parameters, self._again_made)

    def look_for_past(self) -> None:
        """Look for earlier briefs, in a task."""
        from .past import PastReader, remembered

        self._stop_looking()
        path = Path(self.session.path)
        beside = path.parent if path.is_file() else None
        self._looking = PastReader(beside, remembered(), self._found_past)
        self._running.add(self._looking)
        QgsApplication.taskManager().addTask(self._looking)

    # What comes after

    def _made(self, run) -> None:
        from .past import remember

        if not run.results.get("PDF"):
            return
        remember(Path(run.results["PDF"]).parent)
        self.commands.say(
            self.tr("The brief is ready: %1").replace("%1", run.results["PDF"]),
            Qgis.MessageLevel.Success,
        )
        self.look_for_past()

    def _again_made(self, results: dict) -> None:
        from .past import remember

        if results.get("PDF"):
            remember(Path(results["PDF"]).parent)
            self.look_for_past()

    def _show_preview(self, run) -> None:
        from .preview import PreviewDialog

        if not run.results.get("PDF"):
            return
        if self.preview_dialog is None:
            self.preview_dialog = PreviewDialog(self.iface.mainWindow())
        self.preview_dialog.show_brief(run.results["PDF"])

    def _found_past(self, reader) -> None:
        self._running.discard(reader)
        if reader is not self._looking:
            return
        self._looking = None
        mine = self.session.settings.get("ledger_id")
        briefs = [one for one in reader.briefs if not mine or one.ledger_id in ("", mine)]
        self.page.show_past(briefs, self.session.clock)
        self._enable()

    def _stop_looking(self) -> None:
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()

    def _show_line(self, line: dict) -> None:
        """Show a line's incidents, or the panel that helps."""
        dock = self.commands.incidents
        if line.get("filter"):
            dock.filter.take(line["filter"])
            dock.setUserVisible(True)
        elif line.get("opens") == "feeds":
            self.commands.say(self.tr("Look into the panel of feeds: it says what each lacks."))

    # What the brief will hold

    def _form_changed(self, *_) -> None:
        if self.session.path is None:
            return
        form = self.page.form
        form.follow(self.session)
        kept = form.folder.filePath()
        path = Path(self.session.path)
        if kept == self._folder_set and path.is_file():
            name = "_".join(filter(None, ["brief", form.days()]))
            self._folder_set = str(path.parent / name)
            form.folder.setFilePath(self._folder_set)
        self._enable()
        self._typing.start()

    def _count(self) -> None:
        if self.session.path is None:
            return
        if self.counting.busy():
            self._again = True
            return
        self._again = False
        self.page.summary.setText(self.tr("Counting what the brief will hold…"))
        asked = {**self._asked(), "OUTPUT": "TEMPORARY_OUTPUT"}
        self.counting.run(CONTENTS, asked, self._counted, history=False)

    def _counted(self, run) -> None:
        told = run.results.get("JSON")
        if told is None:
            self.page.contents.clear()
            self.page.summary.setText(run.sentence)
        else:
            self.page.show_contents(json.loads(told))
            serious = run.results["SERIOUS"]
            words = self.tr("%1 incidents; nothing serious is missing.")
            if serious:
                words = self.tr("%1 incidents; look at the lines marked as serious: %2.")
            self.page.summary.setText(
                words.replace("%1", f"{run.results['INCIDENTS']:,}").replace("%2", str(serious))
            )
        if self._again:
            self._typing.start()

    def _asked(self) -> dict:
        return self.page.form.parameters(self.session.path)

    def _open(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.commands.say(
                self.tr("It could not be opened: %1").replace("%1", str(path)),
                Qgis.MessageLevel.Warning,
            )

    def _enable(self, *_) -> None:
        idle, chosen = not self.runner.busy(), self.page.chosen_brief() is not None
        is_open = self.session.path is not None
        for name in ("make", "preview"):
            self.own[name].setEnabled(is_open and idle)
        for name in ("open", "folder", "since", "again"):
            self.own[name].setEnabled(is_open and chosen)

    def _make_actions(self) -> Dict[str, QAction]:
        made = {}
        for name, text, tip, slot in (
            ("preview", self.tr("Preview"), self.tr("Look at the pages; nothing is kept"),
             self.preview),
            ("make", self.tr("Make"), self.tr("Make the brief into the folder"), self.make),
            ("open", self.tr("Open"), self.tr("Open the chosen brief"), self.open_brief),
            ("folder", self.tr("Folder"), self.tr("Show the chosen brief's folder"),
             self.open_folder),
            ("since", self.tr("Changed since…"),
             self.tr("What changed in the ledger since the chosen brief"), self.since),
            ("again", self.tr("Again as known then…"),
             self.tr("Make the chosen brief again, as the ledger was known at its moment"),
             self.again),
        ):  # fmt: skip
            action = QAction(text, self)
            action.setObjectName(f"ceasefire_monitor_briefs_{name}")
            action.setToolTip(tip)
            action.triggered.connect(lambda *_, slot=slot: slot())
            made[name] = action
        return made
