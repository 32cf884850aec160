"""The panel of incidents: the ledger that is open, its table, filter, detail and buttons."""

from __future__ import annotations

from pathlib import Path

from qgis.core import Qgis, QgsSettings
from qgis.gui import QgsDockWidget, QgsDoubleSpinBox
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .commands import DISTANCE_KEY, DISTANCE_M, Commands
from .empty_state import EmptyState
from .filter_bar import FilterBar
from .flow_layout import FlowLayout
from .icons import icon
from .incident_detail import IncidentDetail
from .incidents_model import IncidentsModel
from .incidents_table import IncidentsTable
from .ledger_session import LedgerSession
from .map_link import MapLink
from .progress_strip import ProgressStrip
from .review.editing import Editor
from .review.keep_place import KeepPlace
from .review.reviewer import Reviewer
from .review.strip import ReviewStrip
from .runner import Runner
from .uncertainty_on_map import UncertaintyOnMap

# The facets came beside the table later, so sizes are kept by another name than before.
SPLITTER_KEY = "ceasefire_monitor/incidents_splitter_of_three"
FACETS_KEY = "ceasefire_monitor/incidents_facets"
PLACED_KEY = "ceasefire_monitor/incidents_placed"
WIDE = 1.4
ROWS_AT_LEAST = 6


class IncidentsDock(QgsDockWidget):
    """Shows what the session holds; its buttons are the commands' actions."""

    def __init__(self, session: LedgerSession, commands: Commands, runner: Runner, canvas):
        super().__init__()
        self.setObjectName("ceasefire_monitor_incidents")
        self.setWindowTitle(self.tr("Ceasefire Monitor: incidents"))
        self._session = session
        self._commands = commands
        self._shown_path = None
        self.model = IncidentsModel(self)
        self.table = IncidentsTable(self.model, self)
        self.detail = IncidentDetail(self)
        self.filter = FilterBar(self)
        self.progress = ProgressStrip(runner, self)
        self.link = MapLink(self.table, canvas, self)
        self.place = KeepPlace(self.table, session, self)
        self.uncertainty = UncertaintyOnMap(canvas, self)
        self.editor = Editor(self, canvas)
        self.review_strip = ReviewStrip(self)
        self.reviewer = Reviewer(self, runner, self.review_strip, self.editor)
        self._build()
        self.filter.changed.connect(self._filter)
        self.table.selectionModel().selectionChanged.connect(self._show_detail)
        self.model.modelReset.connect(self._show_detail)
        self.table.chosen.connect(self._zoom)
        self.detail.record_read.connect(lambda _, record: self.uncertainty.show_record(record))
        self.detail.incident_asked.connect(self.show_incident)
        self.detail.evidence_asked.connect(self._take_evidence)
        commands.period = self.filter.period
        session.changed.connect(self._refresh)
        session.reading.connect(self._reading)
        self._refresh()

    def keep_state(self) -> None:
        """Remember sizes for the next time."""
        self.table.keep_state()
        QgsSettings().setValue(SPLITTER_KEY, self.splitter.saveState())

    def unload(self) -> None:
        """Let go of the layer and the commands, so that the panel can be deleted."""
        self.keep_state()
        self.reviewer.unload()
        self.editor.unload()
        self.detail.unload()
        self.uncertainty.unload()
        self.link.set_layer(None)
        self._commands.period = lambda: (None, None)

    def resizeEvent(self, event):
        """Put the detail beside the table where the panel is wide, below where it is tall."""
        super().resizeEvent(event)
        wide = self.width() > WIDE * self.height()
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def sizeHint(self):
        return QSize(960, 330)

    @property
    def session(self) -> LedgerSession:
        """The ledger that it shows."""
        return self._session

    def show_incident(self, incident_id: str, zoom: bool = True) -> bool:
        """Select an incident, bring it into view and zoom to it; False where it is not there.

        A filter that hides it is taken off, and that is said.
        """
        from .review.finding_one import show_incident

        return show_incident(self, incident_id, zoom)

    def show_all(self) -> None:
        """Take every filter off, at once."""
        self.filter.clear()
        self._filter()

    def say(self, sentence: str, level=Qgis.MessageLevel.Info) -> None:
        """Say a sentence in QGIS's message bar."""
        self._commands.say(sentence, level)

    def show_dialog(self, algorithm_id: str, parameters: dict) -> None:
        """Open an algorithm's dialog, filled in; what it wrote is read afterwards."""
        self._commands.show_dialog(algorithm_id, parameters, lambda _: self._session.reload())

    def take_options(self) -> None:
        """Show what QGIS's Options were set to."""
        self.distance.setValue(QgsSettings().value(DISTANCE_KEY, DISTANCE_M, float))

    # What it shows

    def _refresh(self) -> None:
        session = self._session
        if session.path != self._shown_path:
            self.filter.clear()
            self._shown_path = session.path
        self.link.set_layer(session.layer())
        self.editor.set_layer(session.layer())
        self.detail.ledger = session.path
        self.model.set_rows(session.rows, session.clock)
        self._filter()
        page = self.without_ledger if session.path is None else self.with_table
        if session.path is not None and not session.rows:
            page = self.without_incidents
        self.pages.setCurrentWidget(page)
        for widget in self.only_with_table:
            widget.setVisible(page is self.with_table)
        if page is self.with_table:
            self._take_room()
        self.ledger_button.setText(
            session.theatre() if session.path else self.tr("No ledger is open")
        )
        self.ledger_button.setToolTip(session.path or self.tr("Open a ledger or make one"))
        self.map_action.setVisible(session.path is not None and session.layer() is None)
        self._list_recent()

    def _take_room(self) -> None:
        """Take enough room for a table at the very first time; later QGIS remembers."""
        window = self.parent()
        if QgsSettings().value(PLACED_KEY, False, bool) or not isinstance(window, QMainWindow):
            return
        QgsSettings().setValue(PLACED_KEY, True)
        window.resizeDocks([self], [self.sizeHint().height()], Qt.Orientation.Vertical)

    def _show_facets(self, shown: bool) -> None:
        QgsSettings().setValue(FACETS_KEY, shown)
        self.filter.facets.setVisible(shown)
        if shown:
            self.filter.facets.tree.setFocus()

    def _filter(self) -> None:
        self.model.set_filter(self.filter.asked(self.model.clock))
        self.filter.show_result(self.model.filtered, self.model.total())

    def _show_detail(self, *_) -> None:
        positions = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        rows = [self.model.row_at(position) for position in positions]
        if not self.detail.shows(rows):
            self.uncertainty.clear()
        self.detail.show_rows(rows, self.model.clock)

    def _take_evidence(self, evidence_id: str) -> None:
        """Open the dialog that takes a file of evidence out, which its custody records."""
        self.show_dialog(
            "ceasefire:takeevidence", {"LEDGER": self._session.path, "EVIDENCE_ID": evidence_id}
        )

    def _zoom(self, position: int) -> None:
        self.link.zoom_to(self.model.row_at(position))

    def _reading(self, reading: bool) -> None:
        self.table.setCursor(Qt.CursorShape.BusyCursor if reading else Qt.CursorShape.ArrowCursor)

    # How it is built

    def _build(self) -> None:
        actions = self._commands.actions
        self.splitter = QSplitter(self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setMinimumHeight(
            ROWS_AT_LEAST * self.table.verticalHeader().defaultSectionSize()
        )
        self.splitter.addWidget(self.filter.facets)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setStretchFactor(2, 1)
        self.splitter.setSizes([220, 700, 300])
        kept = QgsSettings().value(SPLITTER_KEY)
        if kept:
            self.splitter.restoreState(kept)
        narrow = self.filter.narrow
        narrow.setChecked(QgsSettings().value(FACETS_KEY, False, bool))
        self.filter.facets.setVisible(narrow.isChecked())
        narrow.toggled.connect(self._show_facets)
        self.with_table = QWidget(self)
        column = QVBoxLayout(self.with_table)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.filter)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.editor.bar)
        column.addWidget(self.review_strip)
        self.without_ledger = EmptyState(
            self.tr("No ledger is open"),
            self.tr(
                "A ledger is one file that keeps incidents, lines and findings with their history. "
                "Open the demo to see a whole theatre at work, or start your own."
            ),
            [actions["demo"], actions["open"], actions["new"]],
            self,
        )
        self.without_incidents = EmptyState(
            self.tr("This ledger holds no incidents yet"),
            self.tr(
                "Import a feed's file: ACLED, UCDP, VIINA, FIRMS, a table of violations, or your "
                "own columns. Then flag the incidents against the contact line."
            ),
            [actions["import"], actions["layer"]],
            self,
        )
        self.pages = QStackedWidget(self)
        for page in (self.without_ledger, self.without_incidents, self.with_table):
            self.pages.addWidget(page)
        body = QWidget(self)
        whole = QVBoxLayout(body)
        whole.setContentsMargins(2, 2, 2, 2)
        whole.setSpacing(2)
        whole.addWidget(self._top())
        whole.addWidget(self.progress)
        whole.addWidget(self.pages, 1)
        self.setWidget(body)

    def _top(self) -> QWidget:
        """The first line: the ledger, what one does with it, and the period."""
        top = QWidget(self)
        line = FlowLayout(top)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._toolbar())
        self.only_with_table = (self.filter.first_day, self.filter.last_day)
        for widget in self.only_with_table:
            line.addWidget(widget)
        return top

    def _toolbar(self) -> QToolBar:
        bar = QToolBar(self)
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setIconSize(bar.iconSize() * 0.75)
        actions = self._commands.actions
        self.ledger_button = QToolButton(bar)
        self.ledger_button.setIcon(icon("ledger"))
        self.ledger_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.ledger_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.ledger_button.setAccessibleName(self.tr("The ledger that is open"))
        self.ledger_menu = QMenu(self.ledger_button)
        self.ledger_button.setMenu(self.ledger_menu)
        bar.addWidget(self.ledger_button)
        self.map_action = bar.addAction(self.tr("Show on the map"), self._session.show_on_map)
        self.map_action.setToolTip(self.tr("Add the ledger's layers to the map"))
        bar.addSeparator()
        bar.addAction(actions["import"])
        bar.addAction(actions["flag"])
        self.distance = self._distance(bar)
        bar.addWidget(self.distance)
        bar.addAction(actions["brief"])
        return bar

    def _distance(self, bar: QToolBar) -> QgsDoubleSpinBox:
        """How near is near; kept for the next time."""
        box = QgsDoubleSpinBox(bar)
        box.setDecimals(0)
        box.setRange(1, 1_000_000)
        box.setSingleStep(500)
        box.setPrefix(self.tr("within "))
        box.setSuffix(self.tr(" m"))
        box.setShowClearButton(False)
        box.setClearValue(DISTANCE_M)
        box.setValue(QgsSettings().value(DISTANCE_KEY, DISTANCE_M, float))
        box.setToolTip(self.tr("“Near” means within this distance of the contact line"))
        box.setAccessibleName(box.toolTip())
        box.valueChanged.connect(lambda value: QgsSettings().setValue(DISTANCE_KEY, value))
        return box

    def _list_recent(self) -> None:
        menu, actions = self.ledger_menu, self._commands.actions
        menu.clear()
        for name in ("open", "team", "new", "demo", "layer"):
            menu.addAction(actions[name])
        recent = [path for path in self._session.recent() if path != self._session.path]
        if recent:
            menu.addSection(self.tr("Opened lately"))
        for path in recent:
            entry = menu.addAction(f"{Path(path).stem}   ({Path(path).parent})")
            entry.triggered.connect(lambda *_, chosen=path: self._session.open(chosen))
        if self._session.path is not None:
            menu.addSeparator()
            menu.addAction(self.tr("Read it again"), self._session.reload)
            menu.addAction(self.tr("Close it"), self._session.close)
