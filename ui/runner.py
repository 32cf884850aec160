"""The one way in which a button runs an algorithm: a task where it may be, with a way to cancel.

QgsProcessingAlgRunnerTask is not used: it runs algorithms that must stay on the main thread in
another one, writes no history, and hands over what a cancelled run had made.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Optional

from qgis.core import Qgis, QgsApplication, QgsTask
from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QProgressDialog, QWidget

from .job import Job, Outcome, Run
from .run_history import write_entry

EVENTS_EVERY_S = 0.05
DIALOG_WIDTH = 520
WAIT_MS = 10_000


class AlgorithmTask(QgsTask):
    """Runs a prepared algorithm in another thread; ``ended`` is called in the main thread."""

    def __init__(self, job: Job, ended: Callable[[], None]):
        super().__init__(job.title, QgsTask.Flag.CanCancel)
        self._job = job
        self._ended = ended
        job.feedback.progressChanged.connect(self.setProgress, Qt.ConnectionType.DirectConnection)

    def run(self):
        return self._job.execute()

    def cancel(self):
        self._job.feedback.cancel()
        super().cancel()

    def finished(self, result):
        self._ended()


class Runner(QObject):
    """Runs one algorithm at a time. ``finished`` carries its Run, in the main thread."""

    started = pyqtSignal(str)
    progressed = pyqtSignal(float)
    said = pyqtSignal(str)
    finished = pyqtSignal(object)

    def __init__(self, window: QWidget, message_bar):
        super().__init__(window)
        self._window = window
        self._message_bar = message_bar
        self._job: Optional[Job] = None
        self._task: Optional[AlgorithmTask] = None
        self._closed = False

    def busy(self) -> bool:
        """Whether an algorithm is running."""
        return self._job is not None

    def run(
        self,
        algorithm_id: str,
        parameters: dict[str, Any],
        then: Optional[Callable[[Run], None]] = None,
        history: bool = True,
    ) -> bool:
        """Start an algorithm; returns whether it started.

        ``then`` is called with the Run when it has ended, before ``finished`` is emitted. Why it
        failed, or did not start, is said in the message bar. ``history``: off for what nobody
        asked for, such as a feed that is fetched every few minutes; it would fill the history.
        """
        if self.busy():
            self._say(
                self.tr("“%1” is still running. Wait until it has ended, or cancel it.").replace(
                    "%1", self._job.title
                ),
                Qgis.MessageLevel.Warning,
            )
            return False
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id)
        if algorithm is None:
            self._fail_to_start(
                algorithm_id,
                self.tr(
                    "The algorithm “%1” is not there. Switch on the plugin “Processing”, and this "
                    "plugin again."
                ).replace("%1", algorithm_id),
                then,
            )
            return False
        job = Job(algorithm, parameters, then)
        refusal = job.refusal()
        if refusal:
            self._fail_to_start(algorithm_id, refusal, then, job.title)
            return False
        self._start(job, history)
        return True

    def cancel(self) -> None:
        """Ask the running algorithm to stop; what it has made is discarded."""
        if self._task is not None:
            self._task.cancel()
        elif self._job is not None:
            self._job.feedback.cancel()

    def beside(self) -> Runner:
        """Another runner of the same window, for short work that goes on beside this one's."""
        return Runner(self._window, self._message_bar)

    def close(self, cancel: bool = True) -> None:
        """Cancel what runs and wait for it; nothing is said or called any more.

        ``cancel``: off to let it end, where it is short and should not be lost.
        """
        self._closed = True
        task = self._task
        if cancel:
            self.cancel()
        if task is not None:
            task.waitForFinished(WAIT_MS)

    def _start(self, job: Job, history: bool) -> None:
        self._job = job
        if history:
            write_entry(job.algorithm, job.parameters, job.context)
        job.feedback.progressChanged.connect(self.progressed)
        job.feedback.said.connect(self.said)
        self.started.emit(job.title)
        if job.must_stay_on_main_thread():
            self._run_here(job)
            return
        self._task = AlgorithmTask(job, self._ended)
        QgsApplication.taskManager().addTask(self._task)

    def _run_here(self, job: Job) -> None:
        """Run on the main thread, behind a progress dialog that keeps QGIS painting."""
        dialog = QProgressDialog(job.title, self.tr("Cancel"), 0, 100, self._window)
        dialog.setWindowTitle(self.tr("Ceasefire Monitor"))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setMinimumDuration(0)
        dialog.setFixedWidth(DIALOG_WIDTH)
        dialog.setAutoReset(False)
        dialog.setAutoClose(False)
        dialog.canceled.connect(job.feedback.cancel)
        show = _Shown(dialog)
        job.feedback.progressChanged.connect(show.progress)
        job.feedback.said.connect(show.sentence)
        show.progress(0)
        job.execute()
        # Closing a progress dialog counts as cancelling it.
        dialog.canceled.disconnect(job.feedback.cancel)
        dialog.close()
        dialog.deleteLater()
        self._ended()

    def _ended(self) -> None:
        job = self._job
        run = job.conclude()
        self._job = self._task = None
        if self._closed:
            return
        if run.outcome is Outcome.FAILED:
            self._say(run.sentence, Qgis.MessageLevel.Critical)
        if job.then is not None:
            job.then(run)
        self.finished.emit(run)

    def _fail_to_start(self, algorithm_id, sentence, then, title="") -> None:
        self._say(sentence, Qgis.MessageLevel.Critical)
        if then is not None:
            then(Run(algorithm_id, title or algorithm_id, Outcome.FAILED, sentence=sentence))

    def _say(self, sentence: str, level: Qgis.MessageLevel) -> None:
        self._message_bar.pushMessage(self.tr("Ceasefire Monitor"), sentence, level, 0)


class _Shown:
    """What a progress dialog shows; lets QGIS handle events at most every EVENTS_EVERY_S."""

    def __init__(self, dialog: QProgressDialog):
        self._dialog = dialog
        self._last = 0.0

    def progress(self, percent: float) -> None:
        self._dialog.setValue(min(99, int(percent)))
        self._breathe()

    def sentence(self, text: str) -> None:
        # A long sentence would widen the dialog beyond the screen.
        metrics = self._dialog.fontMetrics()
        room = DIALOG_WIDTH - 60
        self._dialog.setLabelText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
        self._breathe()

    def _breathe(self) -> None:
        now = time.monotonic()
        if now - self._last > EVENTS_EVERY_S:
            QCoreApplication.processEvents()
            self._last = time.monotonic()
