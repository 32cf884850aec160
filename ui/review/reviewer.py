"""Review in the panel of incidents: what each key does to the incidents of the table."""

from __future__ import annotations

from typing import Dict, List, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, Qt, QTimer

from ..incident_row import IncidentRow
from ..incidents_model import Column
from . import states
from .finding_one import go_to, row_of
from .keys import Act, Key, KeysOfTable
from .queue import ReviewQueue, Step
from .signature import signed_by
from .strip import ReviewStrip
from .verification_cell import VerificationCell

# Setting one of these ends the review of an incident: the next one is shown.
ENDS = ("reviewed", "released", "withdrawn")


class Reviewer(QObject):
    """Joins the dock's table, its line of review and the queue that writes."""

    def __init__(self, dock, runner, strip: ReviewStrip, editor):
        super().__init__(dock)
        self._dock, self._runner, self._strip, self._editor = dock, runner, strip, editor
        self.queue = ReviewQueue(dock.session, runner, signed_by, self)
        self.keys = KeysOfTable(dock.table, self)
        self._acts = {
            Act.NEXT: lambda: self.go(+1),
            Act.PREVIOUS: lambda: self.go(-1),
            Act.UNDO: self.take_back,
            Act.REASON: lambda: strip.reason.setFocus(Qt.FocusReason.ShortcutFocusReason),
            Act.MANY: self.review_many,
            Act.EDIT: self.edit,
            Act.LINK: self.link,
        }
        dock.table.setItemDelegateForColumn(
            Column.VERIFICATION, VerificationCell(self.queue, dock.table)
        )
        self.keys.pressed.connect(self.do)
        strip.asked.connect(self.do)
        strip.left.connect(lambda: dock.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.queue.refused.connect(lambda text: dock.say(text, Qgis.MessageLevel.Warning))
        self.queue.changed.connect(self._show_status)
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(0)
        self._counting.timeout.connect(self._count)
        dock.detail.state_of = self.queue.state
        dock.table.review_menu = strip.menu
        self._show_status()

    def do(self, key: Key) -> None:
        """Do what a key, or an entry of the menu, stands for."""
        if key.act is Act.SET:
            self.set_state({key.field: key.code})
        else:
            self._acts[key.act]()

    def set_state(self, given: Dict[str, str]) -> None:
        """Set a verification or workflow on the current incident; on several, ask first."""
        if len(self.selected()) > 1:
            self.review_many(given)
            return
        row = self.current()
        if row is None:
            self._dock.say(self.tr("Select an incident first, or press N for the next one."))
            return
        state = self.queue.state(row)
        if all(state.get(field) == code for field, code in given.items()):
            self._go_on(given)
            return
        refusal = states.refusal(state, given)
        if refusal:
            self._dock.say(f"{row.incident_id}: {refusal}", Qgis.MessageLevel.Warning)
            return
        if states.needs_reason(state, given):
            self._ask_reason(row, given)
            return
        self._add(row, given, self._standing_reason(given))

    def go(self, step: int) -> bool:
        """Go to the next (+1) or previous (-1) incident of the table that waits for review."""
        model = self._dock.model
        count = model.rowCount()
        start = self._dock.table.currentIndex().row()
        start = start if start >= 0 else (-1 if step > 0 else count)
        for away in range(1, count + 1):
            position = (start + step * away) % count
            if position != start and self.queue.waits(model.row_at(position)):
                go_to(self._dock.table, position)
                return True
        self._dock.say(self.tr("No other incident in the table waits for review."))
        return False

    def take_back(self) -> None:
        """Take back the latest review and go to its incident."""
        try:
            step = self.queue.take_back(self._reason_of_undoing)
        except ValueError as error:
            self._dock.say(str(error), Qgis.MessageLevel.Warning)
            return
        if step is None:
            self._dock.say(self.tr("There is no review to take back."))
            return
        row = row_of(self._dock, step.incident_id)
        position = None if row is None else self._dock.model.position_of(row.fid)
        if position is not None:
            go_to(self._dock.table, position)

    def review_many(self, given: Optional[Dict[str, str]] = None) -> None:
        """Ask for one review of all incidents that are selected."""
        from .many import ManyDialog

        rows = self.selected()
        if not rows:
            self._dock.say(self.tr("Select the incidents that get the same review first."))
            return
        self.queue.send()
        dialog = ManyDialog(
            rows, self.queue.state, given or {}, self._strip.reason.text(), self._dock
        )
        dialog.asked.connect(lambda review: self._run_many(dialog, review))
        dialog.open()

    def edit(self) -> None:
        """Open the current incident in QGIS's form."""
        row = self.current()
        if row is not None:
            self._editor.open(row)

    def link(self) -> None:
        """Open the dialog that links the selected incidents to the current one."""
        rows, current = self.selected(), self.current()
        if not rows or current is None:
            self._dock.say(self.tr("Select the incidents that tell of one event first."))
            return
        others = [row.incident_id for row in rows if row.fid != current.fid]
        # One alone is linked to another that the dialog asks for.
        ids = others or [current.incident_id]
        parameters = {
            "LEDGER": self._dock.session.path,
            "INCIDENTS": "\n".join(ids),
            "OTHER": current.incident_id if others else "",
            "BY": signed_by() or "",
        }
        self._dock.show_dialog("ceasefire:linkincidents", parameters)

    def current(self) -> Optional[IncidentRow]:
        """The incident that keys act on: the one selected, else the current one."""
        rows = self.selected()
        if len(rows) == 1:
            return rows[0]
        index = self._dock.table.currentIndex()
        return self._dock.model.row_at(index.row()) if index.isValid() else None

    def selected(self) -> List[IncidentRow]:
        """The incidents that are selected, in the table's order."""
        model = self._dock.model
        ranges = self._dock.table.selectionModel().selection()
        positions = {
            position for part in ranges for position in range(part.top(), part.bottom() + 1)
        }
        return [model.row_at(position) for position in sorted(positions)]

    def unload(self) -> None:
        """Write what still waits, and nothing any more."""
        self.queue.unload()
        self.queue.blockSignals(True)

    def _add(self, row: IncidentRow, given: Dict[str, str], why: str) -> None:
        self.queue.add(row, given, why)
        self._go_on(given)

    def _go_on(self, given: Dict[str, str]) -> None:
        """Once an incident's review has ended, write it and show the next."""
        if given.get("workflow") in ENDS:
            self.queue.send()
            self.go(+1)

    def _ask_reason(self, row: IncidentRow, given: Dict[str, str]) -> None:
        from .reason_dialog import ReasonDialog

        sentence = self.tr("Why is “%1” set to %2?")
        dialog = ReasonDialog(
            sentence.replace("%1", row.incident_id).replace("%2", states.in_words(given)),
            self._strip.reason.text().strip(),
            lambda why: self._add(row, given, why),
            self._dock,
        )
        dialog.open()

    def _standing_reason(self, given: Dict[str, str]) -> str:
        written = self._strip.reason.text().strip()
        return written or self.tr("Reviewed in the panel of incidents")

    def _reason_of_undoing(self, step: Step) -> str:
        return self.tr("Taken back: %1").replace("%1", step.why)

    def _run_many(self, dialog, review: Dict[str, object]) -> None:
        """Run the review that the dialog asks for; it stays open until that has started."""
        parameters = {"LEDGER": self._dock.session.path, **review}
        if self._runner.run("ceasefire:reviewincidents", parameters, self._many_reviewed):
            dialog.accept()

    def _many_reviewed(self, run) -> None:
        from ..job import Outcome
        from .queue import refusals_of
        from .refused_dialog import RefusedDialog

        if run.outcome is not Outcome.DONE:
            return
        reasons = refusals_of(run)
        sentence = self.tr("Reviewed: %1; so already: %2; refused: %3.")
        for number, name in enumerate(("REVIEWED", "UNCHANGED", "REFUSED"), 1):
            sentence = sentence.replace(f"%{number}", f"{run.results.get(name, 0):,}")
        level = Qgis.MessageLevel.Warning if reasons else Qgis.MessageLevel.Success
        self._dock.say(sentence, level)
        self._dock.session.reload()
        if reasons:
            RefusedDialog(sentence, reasons, self._dock).open()

    def _show_status(self) -> None:
        self._dock.table.viewport().update()
        self._dock.detail.show_state()
        self._counting.start()

    def _count(self) -> None:
        rows = self._dock.session.rows
        waiting = sum(map(self.queue.waits, rows))
        self._strip.show_status(
            waiting, len(rows), self.queue.pending(), self.queue.can_take_back()
        )
