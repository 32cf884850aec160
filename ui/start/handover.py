"""A shift's hand-over: its dialog with the moment of the last one, which is kept per ledger."""

from __future__ import annotations

from pathlib import Path

from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import QDateTime, QObject, QTimeZone, QUrl

from ...processing.ledger.place import is_in_database
from ..commands import Commands
from ..ledger_session import LedgerSession

KEY = "ceasefire_monitor/last_handover/"
SHIFT_HOURS = 8
WRITTEN = "yyyy-MM-ddTHH:mm"
IN_NAME = "yyyy-MM-dd_HHmm"


class Handover(QObject):
    """Opens the dialog, filled in, and remembers when a hand-over was made."""

    def __init__(self, session: LedgerSession, commands: Commands, parent: QObject):
        super().__init__(parent)
        self._session = session
        self._commands = commands

    def since(self) -> str:
        """When this shift began, by the theatre's clocks: the last hand-over, or 8 hours ago."""
        zone = self._session.clock.zone
        kept = QgsSettings().value(self._key(), "")
        last = QDateTime.fromString(kept, WRITTEN) if kept else QDateTime()
        if last.isValid():
            last = QDateTime(last.date(), last.time(), QTimeZone.utc())
        else:
            last = QDateTime.currentDateTimeUtc().addSecs(-SHIFT_HOURS * 3600)
        return last.toTimeZone(zone).toString(WRITTEN)

    def show(self) -> None:
        """Open the dialog for the ledger that is open."""
        path = self._session.path
        if path is None:
            return
        # Asked for now, so that what is recorded while the sheet is read is in the next one.
        begun = QDateTime.currentDateTimeUtc()
        parameters = {
            "LEDGER": path,
            "SINCE": self.since(),
            "TIMEZONE": self._session.clock.name,
        }
        if not is_in_database(path):
            stamp = begun.toTimeZone(self._session.clock.zone).toString(IN_NAME)
            parameters["SHEET"] = str(Path(path).parent / f"handover_{stamp}.html")
        key = self._key()
        self._commands.show_dialog(
            "ceasefire:shifthandover", parameters, lambda results: self._made(results, key, begun)
        )

    def _made(self, results: dict, key: str, begun: QDateTime) -> None:
        QgsSettings().setValue(key, begun.toString(WRITTEN))
        sheet = results.get("SHEET")
        if not sheet:
            self._commands.say(self.tr("The shift is handed over."), Qgis.MessageLevel.Success)
            return
        link = f'<a href="{QUrl.fromLocalFile(sheet).toString()}">{Path(sheet).name}</a>'
        self._commands.say(
            self.tr("The shift is handed over. Its sheet: %1").replace("%1", link),
            Qgis.MessageLevel.Success,
        )

    def _key(self) -> str:
        known = self._session.settings.get("ledger_id") or Path(self._session.path or "").stem
        return KEY + known
