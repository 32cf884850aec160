"""The panel of lines and rules: what was in force on a date, and what was found by each clause."""

from __future__ import annotations

import time
from typing import Optional

from qgis.core import Qgis, QgsApplication, QgsGeometry
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtWidgets import QWidget

from ..panel import Panel


class LinePanel(Panel):
    """Lines on a date slider, clauses as a tree; its buttons run algorithms or edit features."""

    NAME = "line"
    ICON = "line"
    AREA = Qt.DockWidgetArea.RightDockWidgetArea

    def title(self) -> str:
        return self.tr("Ceasefire Monitor: line and rules")

    def short_title(self) -> str:
        return self.tr("Line and rules")

    def tip(self) -> str:
        return self.tr("Show or hide the lines in force on a date, and the agreement's clauses")

    def build(self) -> QWidget:
        from .actions import make_actions
        from .clause_on_map import ClauseOnMap
        from .editing import LineEditor
        from .map_day import MapDay
        from .page import LinePage

        self.lines: list = []
        self.agreements: list = []
        self.findings: dict = {}
        self.dialog = None
        self._reader = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._read_of: Optional[str] = None
        self.own = make_actions(self)
        self.on_map = ClauseOnMap(self)
        self.map_day = MapDay()
        self.editor = LineEditor(self, self.own)
        self.page = LinePage(self)
        self.page.date.chosen.connect(self._date_chosen)
        self.page.date.on_map.toggled.connect(self._filter_map)
        self.page.clauses.currentItemChanged.connect(self._clause_chosen)
        self.page.lines.itemActivated.connect(self._zoom_to_line)
        self.page.links.linkActivated.connect(lambda _: self._select_incidents())
        self.on_map.told.connect(self.page.drawn.setText)
        self.runner.started.connect(self._enable)
        self.runner.finished.connect(self._enable)
        return self.page

    def refresh(self) -> None:
        """Read what the open ledger holds, in a task; what is shown stays until then."""
        path = self.session.path
        self.editor.follow(path)
        if path is None:
            self._stop_reading()
            self._read_of, self.lines = None, []
            self.on_map.forget()
            self.page.show_nothing()
            self._enable()
            return
        self.read_again()

    def read_again(self) -> None:
        """Read the open ledger once more."""
        from .reader import LinesAndRulesReader

        self._stop_reading()
        if self.session.path is None:
            return
        reader = LinesAndRulesReader(self.session.path, self._read)
        self._reader = reader
        self._running.add(reader)
        QgsApplication.taskManager().addTask(reader)

    def take_back(self) -> None:
        self._stop_reading()
        self.runner.started.disconnect(self._enable)
        self.runner.finished.disconnect(self._enable)
        if self.page.date.on_map.isChecked():
            self.map_day.show(self.session.path, None)
        self.editor.unload()
        self.on_map.unload()
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
            self.dialog = None

    # What its buttons do

    def coordinates(self) -> None:
        """Open the dialog in which coordinates become a line or an area."""
        from .coordinates_dialog import CoordinatesDialog

        if self.dialog is None:
            self.dialog = CoordinatesDialog(self)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.text.setFocus()

    def import_lines(self) -> None:
        """Open “Add to ledger” for a layer of lines."""
        parameters = {"LEDGER": self.session.path, "TABLE": "contact_lines"}
        self.commands.show_dialog("ceasefire:addtoledger", parameters, self._written)

    def compare(self) -> None:
        """Open the comparison of the lines of two dates: the change before the date, and it."""
        moment = self.page.date.asked()
        stops = self.page.date.stops
        at = self.page.date.stop_at(moment)
        before = stops[at - 1] if at > 0 else moment
        parameters = {
            "LEDGER": self.session.path,
            "FROM": self._written_moment(before),
            "TO": self._written_moment(moment),
            "LINE_KIND": self._kind(),
        }
        self.commands.show_dialog("ceasefire:linechange", parameters, self._compared)

    def zones(self) -> None:
        """Open the dialog that draws an agreement's zones and limits as a layer."""
        choice = self.page.clauses.choice()
        parameters = {
            "LEDGER": self.session.path,
            "DATE": self._written_moment(self.page.date.asked()),
        }
        if choice is not None:
            parameters["AGREEMENT"] = choice.agreement
        self.commands.show_dialog("ceasefire:zonesfromagreement", parameters)

    def check(self) -> None:
        """Open the dialog that holds incidents against the clauses."""
        parameters = {"LEDGER": self.session.path}
        choice = self.page.clauses.choice()
        if choice is not None:
            parameters["AGREEMENT"] = choice.agreement
        self.commands.show_dialog("ceasefire:checkrules", parameters, self._written)

    # Reading

    def _stop_reading(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()

    def _read(self, reader) -> None:
        self._running.discard(reader)
        if reader is not self._reader:
            return
        self._reader = None
        if reader.lines is None:
            return
        moment = self.page.date.asked()
        if reader.path != self._read_of:
            moment = self._first_moment(reader)
        self._read_of = reader.path
        self.lines, self.agreements = reader.lines, reader.agreements
        self.findings = reader.findings
        self.on_map.forget()
        if not self.page.date.on_map.isChecked():
            # A project may have been saved while the map showed one date.
            self._filter_map(False)
        self.editor.follow(reader.path)
        self.page.show_ledger(reader, moment, self.session.clock)
        self._date_chosen(moment)
        self._enable()

    def _first_moment(self, reader) -> float:
        """What one looks at first: the day of the latest incident, else of the latest change."""
        moments = [row.occurred_from for row in self.session.rows if row.occurred_from]
        return max(moments, default=reader.stops[-1] if reader.stops else time.time())

    # What the user chose

    def _date_chosen(self, moment: float) -> None:
        self.editor.moment = moment
        self.page.show_date(self.lines, moment, self.session.clock)
        if self.page.date.on_map.isChecked():
            self._filter_map(True)
        self._draw_clause(zoom=False)

    def _filter_map(self, wanted: bool) -> None:
        moment = self.page.date.asked() if wanted else None
        if self.map_day.show(self.session.path, moment):
            self.commands.say(
                self.tr(
                    "A layer that is being edited keeps what it shows: save or give up the edits, "
                    "then choose the date again."
                ),
                Qgis.MessageLevel.Warning,
            )

    def _clause_chosen(self, *_) -> None:
        self.page.show_clause(self._clause(), self._incident_ids())
        self._draw_clause(zoom=True)

    def _draw_clause(self, zoom: bool) -> None:
        choice = self.page.clauses.choice()
        if choice is None or choice.clause is None or self.session.path is None:
            self.on_map.clear()
            return
        self.on_map.show(choice.agreement, choice.clause, self.page.date.asked(), zoom)

    def _clause(self):
        """The clause that is chosen; None where none is."""
        choice = self.page.clauses.choice()
        for code, _, agreement in self.agreements:
            if choice is not None and code == choice.agreement and not isinstance(agreement, str):
                return agreement.find("clauses", choice.clause)
        return None

    def _incident_ids(self) -> list:
        """The incidents of the chosen clause, or of the chosen verdict of it, each once."""
        choice = self.page.clauses.choice()
        found = choice and self.findings.get((choice.agreement, choice.clause))
        if not found:
            return []
        of = found.incidents
        verdicts = [choice.verdict] if choice.verdict else list(of)
        return list(dict.fromkeys(one for verdict in verdicts for one in of.get(verdict, [])))

    def _select_incidents(self) -> None:
        """Select the clause's incidents in the panel of incidents and on the map."""
        wanted = set(self._incident_ids())
        dock, layer = self.commands.incidents, self.session.layer()
        if not wanted:
            return
        if layer is None:
            self.session.show_on_map()
            layer = self.session.layer()
        layer.selectByIds([row.fid for row in self.session.rows if row.incident_id in wanted])
        dock.setUserVisible(True)
        chosen = dock.table.selectionModel().selectedRows()
        if chosen:
            dock.table.scrollTo(chosen[0])
        hidden = len(wanted) - len(chosen)
        if hidden > 0:
            self.commands.say(
                self.tr("%1 of them are hidden by the filter of the incidents.").replace(
                    "%1", f"{hidden:,}"
                )
            )

    def _zoom_to_line(self, *_) -> None:
        from .map_day import layers_of

        line_id = self.page.lines.line_id()
        if line_id is None:
            return
        shapes = []
        for layer in layers_of(self.session.path, "contact_lines"):
            found = [feature for feature in layer.getFeatures() if feature["line_id"] == line_id]
            layer.selectByIds([feature.id() for feature in found])
            shapes += [QgsGeometry(feature.geometry()) for feature in found]
        self.on_map.zoom_to(shapes)
        if not shapes:
            self.commands.say(self.tr("The map does not show this line on this date."))

    # What comes after

    def _written(self, results: dict) -> None:
        self.session.reload()

    def _compared(self, results: dict) -> None:
        if results.get("SENTENCE"):
            self.commands.say(results["SENTENCE"], Qgis.MessageLevel.Success)

    def _kind(self) -> Optional[str]:
        """The kind to compare, where lines of several kinds are in force."""
        kinds = {line.kind for line in self.lines if line.kind}
        selected = self.page.lines.line_id()
        chosen = next((line.kind for line in self.lines if line.line_id == selected), None)
        if chosen is not None or len(kinds) != 1:
            return chosen
        return next(iter(kinds))

    def _written_moment(self, moment: float) -> str:
        """A moment as the algorithms read it, by the theatre's clocks."""
        local = QDateTime.fromSecsSinceEpoch(int(moment), self.session.clock.zone)
        return local.toString("yyyy-MM-ddTHH:mm")

    def _enable(self, *_) -> None:
        is_open = self.session.path is not None
        for action in self.own.values():
            action.setEnabled(is_open)
