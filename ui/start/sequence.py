"""Runs the steps of a plan one after the other; stops at the first that fails, keeping the rest."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..job import Outcome, Run
from ..runner import Runner
from .plan import Step


class Sequence(QObject):
    """``ended`` says whether all was done; ``sentence`` then says why not.

    What an earlier run of it has done is not done again: after a mistake is put right it goes on
    where it stopped.
    """

    stepped = pyqtSignal(int)
    ended = pyqtSignal(bool)

    def __init__(self, runner: Runner, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._runner = runner
        self._closed = False
        self.steps: List[Step] = []
        self.done: List[Step] = []
        self.results: dict = {}
        self.position = -1
        self.outcome: Optional[Outcome] = None
        self.sentence = ""

    def is_running(self) -> bool:
        """Whether a step is under way."""
        return self.position >= 0 and self.outcome is None

    def is_done(self, step: Step) -> bool:
        """Whether this very step was done before."""
        return any(step.same_as(other) for other in self.done)

    def start(self, steps: List[Step]) -> None:
        """Begin with the first step that was not done yet."""
        self.steps, self.position = list(steps), -1
        self.outcome, self.sentence = None, ""
        self._next()

    def reset(self) -> None:
        """Nothing runs and nothing has failed; what was done stays known."""
        if not self.is_running():
            self.position, self.outcome, self.sentence = -1, None, ""

    def cancel(self) -> None:
        """Stop the step that runs; what earlier ones made stays."""
        if self.is_running():
            self._runner.cancel()

    def close(self) -> None:
        """Stop, and tell nobody any more."""
        self.cancel()
        self._closed = True

    def _next(self) -> None:
        if self._closed:
            return
        self.position += 1
        while self.position < len(self.steps) and self.is_done(self.steps[self.position]):
            self.position += 1
        if self.position >= len(self.steps):
            self._end(Outcome.DONE)
            return
        self.stepped.emit(self.position)
        step = self.steps[self.position]
        if self._runner.busy():
            self._end(Outcome.FAILED, self.tr("Something else is running: wait, then try again."))
            return
        self._runner.run(step.algorithm_id, step.parameters, self._stepped)

    def _stepped(self, run: Run) -> None:
        if self._closed:
            return
        if run.outcome is not Outcome.DONE:
            self._end(run.outcome, run.sentence)
            return
        step = self.steps[self.position]
        self.done.append(step)
        # Results, not the run: its context owns temporary layers that nobody needs any more.
        self.results[step.algorithm_id] = dict(run.results)
        # The runner still tells others that this one has ended; only then may the next begin.
        QTimer.singleShot(0, self._next)

    def _end(self, outcome: Outcome, sentence: str = "") -> None:
        self.outcome, self.sentence = outcome, sentence
        self.ended.emit(outcome is Outcome.DONE)
