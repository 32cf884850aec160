"""Reviews that were asked for by key: gathered an incident at a time, and run one after another."""

from __future__ import annotations

import dataclasses
from typing import Dict, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..incident_row import IncidentRow
from ..job import Job, Outcome, Run
from ..runner import Runner
from . import states

ALGORITHM = "ceasefire:reviewincidents"
SETTLE_MS = 1_500


@dataclasses.dataclass
class Step:
    """One review of one incident: what it sets, what stood before, and why."""

    incident_id: str
    revision: Optional[int]
    before: Dict[str, Optional[str]]
    given: Dict[str, str]
    why: str
    takes_back: bool = False

    def run_with(self, other: Step) -> bool:
        """Whether both can be written by one run."""
        return (self.given, self.why) == (other.given, other.why)


class ReviewQueue(QObject):
    """Runs ``ceasefire:reviewincidents`` for what was asked for, while the analyst goes on.

    What is asked for one incident within a moment is one review, so that it gets one revision.
    ``changed``: what waits, or what is known of a state, is other now. ``refused`` carries the
    sentence on what was not written.
    """

    changed = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, session, runner: Runner, signed_by, parent=None):
        super().__init__(parent)
        self._session, self._signed_by = session, signed_by
        # A runner of its own: the panel's would show and hide its progress at each key, and keep
        # its buttons from working meanwhile. While that one runs, this one waits.
        self._others, self._runner = runner, runner.beside()
        self._waiting: List[Step] = []
        self._running: List[Step] = []
        # Steps that are written, or will be, and that the rows which were read do not show yet.
        self._unseen: Dict[str, Step] = {}
        self._taken: List[Step] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.send)
        runner.finished.connect(self.send)
        self._runner.finished.connect(self.send)
        session.changed.connect(self._rows_read)
        self._path = session.path

    def state(self, row: IncidentRow) -> Dict[str, Optional[str]]:
        """How an incident stands, with what was asked for it just now."""
        state = {field: getattr(row, field) for field in states.FIELDS}
        step = self._unseen.get(row.incident_id)
        return {**state, **step.given} if step is not None else state

    def waits(self, row: IncidentRow) -> bool:
        """Whether an incident waits for its review."""
        if row.incident_id in self._unseen:
            return states.waits(self.state(row))
        return not row.workflow or row.workflow in states.WAITING

    def is_unseen(self, incident_id: str) -> bool:
        """Whether something was asked for that the rows do not show yet."""
        return incident_id in self._unseen

    def unseen(self) -> bool:
        """Whether there is anything that the rows do not show yet."""
        return bool(self._unseen)

    def can_take_back(self) -> bool:
        """Whether there is a review to take back."""
        return bool(self._taken)

    def pending(self) -> int:
        """How many reviews are not written yet."""
        return len(self._waiting) + len(self._running)

    def add(self, row: IncidentRow, given: Dict[str, str], why: str) -> None:
        """Ask for a review; the reasons it may not have are looked at by who calls."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last.incident_id == row.incident_id and not last.takes_back:
            last.given = {**last.given, **given}
            last.why = why
        else:
            self._append(Step(row.incident_id, row.revision, self.state(row), dict(given), why))
        self._mark(row.incident_id, row.revision, given)
        self._settle.start()
        self.changed.emit()

    def take_back(self, why) -> Optional[Step]:
        """Take back the latest review, and return it; None where there is none.

        One that is not written yet is dropped. One that is gets another revision with the state
        that stood before, for nothing that a ledger keeps is undone; ``why`` makes its reason of
        the former one. Raises ValueError with a sentence where no step leads back.
        """
        if not self._taken:
            return None
        step = self._taken[-1]
        if step in self._waiting:
            self._waiting.remove(step)
            self._unmark(step)
        else:
            back = {field: step.before[field] for field in step.given}
            back = {field: code or states.BEGINNINGS[field] for field, code in back.items()}
            now = {**step.before, **step.given}
            sentence = states.refusal(now, back)
            if sentence:
                raise ValueError(sentence)
            self._waiting.append(
                Step(step.incident_id, step.revision, now, back, why(step), takes_back=True)
            )
            self._mark(step.incident_id, step.revision, back)
            self._settle.start()
        self._taken.pop()
        self.changed.emit()
        return step

    def send(self, *_) -> None:
        """Run what waits, as soon as nothing else runs."""
        if not self._waiting or self._running or self._runner.busy() or self._others.busy():
            return
        self._settle.stop()
        parameters = self._take_next()
        # One that does not start is told of through _ended, too.
        self._runner.run(ALGORITHM, parameters, self._ended)

    def flush(self) -> None:
        """Write what still waits, now and here: the ledger is about to be closed."""
        self._settle.stop()
        while self._waiting:
            algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
            job = Job(algorithm, self._take_next(), None)
            refusal = job.refusal()
            if not refusal:
                job.execute()
                refusal = job.conclude().sentence
            self._running.clear()
            if refusal:
                self.refused.emit(refusal)

    def unload(self) -> None:
        """Write what waits, let end what runs, and listen no more."""
        self._session.changed.disconnect(self._rows_read)
        self._others.finished.disconnect(self.send)
        self._runner.close(cancel=False)
        self._running.clear()
        self.flush()
        self._runner.deleteLater()

    def _take_next(self) -> Dict[str, object]:
        """Take the next reviews that one run can write; the run's parameters."""
        first = self._waiting[0]
        while self._waiting and self._waiting[0].run_with(first):
            self._running.append(self._waiting.pop(0))
        return {
            "LEDGER": self._path,
            "INCIDENTS": "\n".join(step.incident_id for step in self._running),
            "BY": self._signed_by() or "",
            "WHY": first.why,
            "PARTLY": True,
            "OUTPUT": "TEMPORARY_OUTPUT",
            **{field.upper(): code for field, code in first.given.items()},
        }

    def _append(self, step: Step) -> None:
        self._waiting.append(step)
        self._taken.append(step)

    def _mark(self, incident_id: str, revision: Optional[int], given: Dict[str, str]) -> None:
        former = self._unseen.get(incident_id)
        known = {**former.given, **given} if former is not None else dict(given)
        self._unseen[incident_id] = Step(incident_id, revision, {}, known, "")

    def _unmark(self, step: Step) -> None:
        """Forget a review that will not be written; what was asked before it still holds."""
        self._unseen.pop(step.incident_id, None)
        for other in [*self._running, *self._waiting]:
            if other.incident_id == step.incident_id:
                self._mark(other.incident_id, other.revision, other.given)

    def _ended(self, run: Run) -> None:
        steps, self._running = self._running, []
        if run.outcome is not Outcome.DONE:
            # Why is said by the runner.
            self._drop(steps)
            sentence = states.tr("These reviews were not written; give them again: %1")
            names = ", ".join(step.incident_id for step in steps)
            self.refused.emit(sentence.replace("%1", names))
            self.changed.emit()
            return
        reasons = refusals_of(run)
        self._drop([step for step in steps if step.incident_id in reasons])
        for incident_id, reason in reasons.items():
            self.refused.emit(f"{incident_id}: {reason[:1].upper()}{reason[1:]}")
        self._session.reload_soon()
        self.changed.emit()

    def _drop(self, steps: List[Step]) -> None:
        for step in steps:
            self._unmark(step)
            if step in self._taken:
                self._taken.remove(step)

    def _rows_read(self) -> None:
        """Forget what the rows show by now, and everything where another ledger was opened."""
        if self._session.path != self._path:
            self.flush()
            self._path = self._session.path
            for steps in (self._waiting, self._running, self._taken, self._unseen):
                steps.clear()
        pending = {step.incident_id for step in [*self._waiting, *self._running]}
        wanted = set(self._unseen) - pending
        for row in self._session.rows if wanted else ():
            if row.incident_id in wanted and self._is_seen(row):
                del self._unseen[row.incident_id]
        self.changed.emit()

    def _is_seen(self, row: IncidentRow) -> bool:
        step = self._unseen[row.incident_id]
        shown = all(getattr(row, field) == code for field, code in step.given.items())
        later = None not in (row.revision, step.revision) and row.revision > step.revision
        return shown or later


def refusals_of(run: Run) -> Dict[str, str]:
    """The incidents that a run of the review refused, with the reasons, from its table."""
    layer = run.context.getMapLayer(run.results.get("OUTPUT", ""))
    if layer is None:
        return {}
    return {
        feature["incident_id"]: feature["reason"]
        for feature in layer.getFeatures()
        if feature["result"] == "refused"
    }
