"""The panel of feeds and alerts: how each feed stands, what to do, and what was alerted of."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTableView,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..processing.feeds.auth_database import is_locked
from ..processing.feeds.client import is_offline
from .alert_notice import AlertNotices, zoom_to
from .alerts_list import AlertsList
from .commands import Commands
from .empty_state import EmptyState
from .feed_commands import FeedCommands
from .feed_row import FeedRow
from .feed_session import FeedSession
from .feed_watch import FeedWatch
from .feeds_model import Column, FeedsModel
from .flow_layout import FlowLayout
from .progress_strip import ProgressStrip
from .runner import Runner

COLUMNS_KEY = "ceasefire_monitor/feeds_columns"
SPLITTER_KEY = "ceasefire_monitor/feeds_splitter"
PLACED_KEY = "ceasefire_monitor/feeds_placed"
WIDE = 1.4
WIDTHS = {
    Column.STATE: 120,
    Column.NAME: 140,
    Column.SOURCE: 64,
    Column.SUCCESS: 122,
    Column.NEXT: 122,
    Column.TODAY: 76,
}
BUTTONS = ("feed_add", "feed_test", "feed_fetch", "feed_fetch_all", "feed_pause", None)
SWITCHES = ("feed_watch", "offline")


class FeedsDock(QgsDockWidget):
    """Shows what the feeds' session holds; its buttons are the feed commands' actions."""

    def __init__(
        self,
        feeds: FeedSession,
        watch: FeedWatch,
        own: FeedCommands,
        commands: Commands,
        runner: Runner,
        iface,
        beside,
    ):
        super().__init__()
        self.setObjectName("ceasefire_monitor_feeds")
        self.setWindowTitle(self.tr("Ceasefire Monitor: feeds and alerts"))
        self._feeds = feeds
        self._watch = watch
        self._own = own
        self._canvas = iface.mapCanvas()
        self._beside = beside
        self.model = FeedsModel(self)
        self.table = self._make_table()
        self.alerts = AlertsList(own.actions["alert_rule"], self)
        self.progress = ProgressStrip(runner, self)
        self.notices = AlertNotices(
            iface.messageBar(), self._canvas, self.show_alerts, iface.mainWindow()
        )
        self._build(commands)
        own.chosen = self.chosen
        self.table.selectionModel().selectionChanged.connect(own.enable)
        self.table.selectionModel().selectionChanged.connect(self._show_reason)
        self.alerts.acknowledge.connect(own.acknowledge)
        self.alerts.show_on_map.connect(lambda alerts: zoom_to(self._canvas, alerts))
        feeds.changed.connect(self.refresh)
        feeds.alerted.connect(self.notices.tell)
        watch.changed.connect(self.refresh)
        self.refresh()

    def chosen(self) -> Optional[FeedRow]:
        """The feed that is chosen in the table, or the only one there is."""
        rows = self.table.selectionModel().selectedRows()
        if rows:
            return self.model.row_at(rows[0].row())
        return self.model.row_at(0) if self.model.rowCount() == 1 else None

    def show_alerts(self, alerts: list) -> None:
        """Bring the panel to the front, with these alerts chosen, and show their places."""
        self.setUserVisible(True)
        self.alerts.choose(alerts)
        zoom_to(self._canvas, alerts)

    def unload(self) -> None:
        """Let go of the canvas and the commands, so that the panel can be deleted."""
        QgsSettings().setValue(COLUMNS_KEY, self.table.horizontalHeader().saveState())
        QgsSettings().setValue(SPLITTER_KEY, self.splitter.saveState())
        self._own.chosen = lambda: None
        self.notices.unload()
        self.notices.deleteLater()

    def resizeEvent(self, event):
        """Put the alerts beside the feeds where the panel is wide, below where it is tall."""
        super().resizeEvent(event)
        wide = self.width() > WIDE * self.height()
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def sizeHint(self):
        return QSize(960, 260)

    # What it shows

    def refresh(self) -> None:
        """Show how things are now."""
        feeds, watch = self._feeds, self._watch
        next_runs = {row.feed.feed_id: watch.next_run(row) for row in feeds.rows}
        self.model.show(feeds.rows, feeds.clock(), next_runs, watch.fetching, self._why_not())
        self.alerts.show_alerts(feeds.alerts, feeds.clock(), feeds.rules, False)
        page = self.without_ledger if feeds.path() is None else self.with_feeds
        if feeds.path() is not None and not feeds.rows and not feeds.alerts:
            page = self.without_feeds
        self.pages.setCurrentWidget(page)
        if feeds.path() is not None:
            self._take_place()
        self.bar.setVisible(page is self.with_feeds)
        self._show_banner()
        # What is chosen may be another feed now, or stand otherwise.
        self._own.enable()
        self._show_reason()

    def _show_reason(self, *_) -> None:
        """Why the chosen feed, or else the first that does not stand well, is as it is."""
        row = self.chosen()
        if row is None:
            row = next((one for one in self._feeds.rows if one.reason()), None)
        words = row.reason() if row is not None else ""
        self.reason.setText(f"{row.name()}: {words}" if words else "")
        self.reason.setVisible(bool(words))

    def _take_place(self) -> None:
        """Behind the panel of incidents, in tabs, at the very first time; later QGIS remembers."""
        window = self.parent()
        if QgsSettings().value(PLACED_KEY, False, bool) or not isinstance(window, QMainWindow):
            return
        QgsSettings().setValue(PLACED_KEY, True)
        window.tabifyDockWidget(self._beside, self)
        self._beside.raise_()

    def _why_not(self) -> str:
        """Why no feed is fetched by itself, in a word or two."""
        return self.tr("offline") if is_offline() else self.tr("when you say so")

    def _show_banner(self) -> None:
        """One line on what keeps feeds from being fetched, with the button that helps."""
        feeds, words, button = self._feeds, "", ""
        locked = any(row.needs_login() for row in feeds.rows) and is_locked()
        if feeds.sentence:
            words = feeds.sentence
        elif is_offline():
            words = self.tr("Offline: no connection is made, and feeds stay as they are.")
        elif locked:
            words = self.tr("QGIS's authentication database is locked: feeds with a login wait.")
            button = self.tr("Unlock…")
        elif feeds.rows and not feeds.is_watched():
            words = self.tr(
                "On this computer these feeds are fetched only when you say so. “Keep in step” "
                "fetches them when they are due."
            )
        self.banner_words.setText(words)
        self.banner_button.setText(button)
        self.banner_button.setVisible(bool(button))
        self.banner.setVisible(bool(words) and self.pages.currentWidget() is self.with_feeds)

    def _unlock(self) -> None:
        """Ask for the master password; here somebody has asked for the window."""
        QgsApplication.authManager().setMasterPassword(True)
        self.refresh()

    # How it is built

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Feeds of the open ledger"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setIconSize(QSize(16, 16))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in WIDTHS.items():
            table.setColumnWidth(column, width)
        kept = QgsSettings().value(COLUMNS_KEY)
        if kept:
            header.restoreState(kept)
        header.setStretchLastSection(True)
        table.doubleClicked.connect(lambda *_: self._own.change())
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        return table

    def _show_menu(self, place) -> None:
        index = self.table.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        for name in ("feed_fetch", "feed_test", "feed_change", "feed_pause"):
            menu.addAction(self._own.actions[name])
        reason = self.model.row_at(index.row()).reason()
        if reason:
            menu.addSeparator()
            menu.addAction(
                self.tr("Copy the reason"), lambda: QgsApplication.clipboard().setText(reason)
            )
        menu.exec(self.table.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _build(self, commands: Commands) -> None:
        self.splitter = QSplitter(self)
        self.splitter.setChildrenCollapsible(False)
        left = QWidget(self.splitter)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.reason = QLabel(left)
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(4, 0, 4, 2)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.table, 1)
        column.addWidget(self.reason)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.alerts)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([640, 420])
        kept = QgsSettings().value(SPLITTER_KEY)
        if kept:
            self.splitter.restoreState(kept)
        self.with_feeds = QWidget(self)
        column = QVBoxLayout(self.with_feeds)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter, 1)
        self.without_ledger = EmptyState(
            self.tr("No ledger is open"),
            self.tr("Feeds belong to a ledger. Open one, or make your own, and add feeds to it."),
            [commands.actions[name] for name in ("demo", "open", "new")],
            self,
        )
        self.without_feeds = EmptyState(
            self.tr("This ledger has no feed yet"),
            self.tr(
                "A feed is where reports come from: ACLED, UCDP, an ArcGIS layer, a Kobo form, or "
                "a folder of files. Add one, test it, and the ledger is kept in step with it: new "
                "incidents are added, corrections become revisions, and nothing is lost."
            ),
            [self._own.actions[name] for name in ("feed_add", "alert_rule")],
            self,
        )
        self.pages = QStackedWidget(self)
        for page in (self.without_ledger, self.without_feeds, self.with_feeds):
            self.pages.addWidget(page)
        self._make_banner()
        body = QWidget(self)
        whole = QVBoxLayout(body)
        whole.setContentsMargins(2, 2, 2, 2)
        whole.setSpacing(2)
        for widget in (self._make_bar(), self.banner, self.progress):
            whole.addWidget(widget)
        whole.addWidget(self.pages, 1)
        self.setWidget(body)

    def _make_banner(self) -> None:
        self.banner = QWidget(self)
        line = QHBoxLayout(self.banner)
        line.setContentsMargins(6, 0, 6, 0)
        self.banner_words = QLabel(self.banner)
        self.banner_words.setWordWrap(True)
        self.banner_button = QToolButton(self.banner)
        self.banner_button.clicked.connect(lambda *_: self._unlock())
        line.addWidget(self.banner_words, 1)
        line.addWidget(self.banner_button)

    def _make_bar(self) -> QWidget:
        self.bar = QWidget(self)
        flow = FlowLayout(self.bar)
        flow.setContentsMargins(0, 0, 0, 0)
        tools = QToolBar(self.bar)
        tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        tools.setIconSize(tools.iconSize() * 0.75)
        for name in (*BUTTONS, *SWITCHES):
            if name is None:
                tools.addSeparator()
            else:
                tools.addAction(self._own.actions[name])
        flow.addWidget(tools)
        return self.bar
