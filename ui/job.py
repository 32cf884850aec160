"""One run of an algorithm: checked and prepared, run in any thread, concluded in the main one."""

from __future__ import annotations

import dataclasses
from enum import Enum
from pathlib import Path
from typing import Any, Callable, Optional

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
)
from qgis.PyQt.QtCore import QCoreApplication, pyqtSignal


class Outcome(Enum):
    """How a run ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclasses.dataclass
class Run:
    """One run of an algorithm; ``sentence`` says why it failed.

    ``context`` owns the temporary layers that ``results`` name; it is None unless DONE.
    """

    algorithm_id: str
    title: str
    outcome: Outcome
    results: dict[str, Any] = dataclasses.field(default_factory=dict)
    sentence: str = ""
    context: Optional[QgsProcessingContext] = None


class Feedback(QgsProcessingFeedback):
    """Carries progress and the last sentences of a run; nothing of it goes to QGIS's log."""

    said = pyqtSignal(str)

    def __init__(self):
        super().__init__(False)
        self.last_error = ""

    def pushInfo(self, info):
        super().pushInfo(info)
        self.said.emit(info)

    def reportError(self, error, fatalError=False):  # noqa: N803 (as QGIS has it)
        super().reportError(error, fatalError)
        self.last_error = error


class Job:
    """One algorithm with its parameters, context and feedback, from check to result."""

    def __init__(
        self, algorithm, parameters: dict[str, Any], then: Optional[Callable[[Run], None]]
    ):
        from processing.tools import dataobjects

        self.algorithm = algorithm
        self.parameters = dict(parameters)
        self.then = then
        self.title = algorithm.displayName()
        self.feedback = Feedback()
        self.context = dataobjects.createContext(self.feedback)
        self._there_before = {path for path in self._destinations() if path.exists()}
        self._results: Optional[dict[str, Any]] = None
        self._error: Optional[str] = None

    def refusal(self) -> str:
        """Why it cannot run, in a sentence; empty where it can. Prepares it."""
        possible, why = self.algorithm.canExecute()
        if not possible:
            return why
        valid, why = self.algorithm.checkParameterValues(self.parameters, self.context)
        if not valid:
            return why
        if not self.algorithm.prepare(self.parameters, self.context, self.feedback):
            return self.feedback.last_error or _unexpected(self.title)
        return ""

    def must_stay_on_main_thread(self) -> bool:
        return bool(self.algorithm.flags() & Qgis.ProcessingAlgorithmFlag.NoThreading)

    def execute(self) -> bool:
        """Run, in any thread; never raises. What went wrong is kept for ``conclude``."""
        try:
            self._results = self.algorithm.runPrepared(self.parameters, self.context, self.feedback)
        except Exception as error:  # a task that raises takes QGIS down with it
            self._error = str(error) or type(error).__name__
        return self._error is None

    def conclude(self) -> Run:
        """Finish in the main thread: the results, or nothing at all."""
        outcome, results, sentence = Outcome.DONE, {}, ""
        ended = self.algorithm.postProcess(self.context, self.feedback, self._error is None)
        if self.feedback.isCanceled():
            outcome = Outcome.CANCELLED
        elif self._error is not None or self._results is None:
            outcome, sentence = Outcome.FAILED, one_sentence(self._error or "", self.title)
        else:
            results = {**self._results, **(ended or {})}
        if outcome is Outcome.DONE:
            return Run(self.algorithm.id(), self.title, outcome, results, "", self.context)
        self._discard()
        return Run(self.algorithm.id(), self.title, outcome, {}, sentence)

    def _destinations(self) -> list[Path]:
        """The files that the parameters name as outputs."""
        paths = []
        for definition in self.algorithm.destinationParameterDefinitions():
            value = self.parameters.get(definition.name())
            if isinstance(value, QgsProcessingOutputLayerDefinition):
                value = value.sink.staticValue()
            if isinstance(value, str) and Path(value).suffix:
                paths.append(Path(value))
        return paths

    def _discard(self) -> None:
        """Remove output files that this run made and did not finish."""
        self.context.temporaryLayerStore().removeAllMapLayers()
        for path in self._destinations():
            if path not in self._there_before and path.is_file():
                path.unlink()


def one_sentence(text: str, title: str) -> str:
    """What went wrong without a traceback, in one line."""
    if not text.strip() or "Traceback (most recent call last)" in text:
        return _unexpected(title)
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _unexpected(title: str) -> str:
    return QCoreApplication.translate(
        "Runner",
        "“%1” stopped for a reason that it did not expect; nothing was kept. Open it from the "
        "Processing Toolbox to see its log.",
    ).replace("%1", title)
