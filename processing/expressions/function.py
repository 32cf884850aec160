"""What the expression functions share: their arguments, their help, and errors as sentences."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from qgis.core import (
    QgsExpressionContext,
    QgsExpressionFunction,
    QgsExpressionNodeLiteral,
)
from qgis.PyQt.QtCore import QCoreApplication

from ...model.errors import CeasefireError
from ..base import log_unexpected
from ..fields import python_value
from .function_help import FunctionHelp
from .store import SnapshotStore

GROUP = "Ceasefire Monitor"


@dataclasses.dataclass(frozen=True)
class Argument:
    """One argument: its name, its help, whether it may be left out, and what stands for it then."""

    name: str
    help: str
    optional: bool = False
    default: Any = None


class CeasefireFunction(QgsExpressionFunction):
    """Base of the functions: a subclass gives its words, ``question`` and ``answer``.

    ``question(given, context)`` is what the store is asked; ``answer(snapshot, given, context)``
    gives the value, or raises CeasefireError with one sentence.
    """

    NAME = ""
    HELP = ""
    ARGUMENTS: tuple[Argument, ...] = ()
    EXAMPLES: tuple[tuple[str, str], ...] = ()
    NOTES = ""

    def __init__(self, store: SnapshotStore):
        told = FunctionHelp(
            self.NAME,
            self.tr(self.HELP),
            [(each.name, self.tr(each.help), each.optional) for each in self.ARGUMENTS],
            self.EXAMPLES,
            self.tr(self.NOTES),
        )
        parameters = [
            QgsExpressionFunction.Parameter(each.name, each.optional, each.default)
            for each in self.ARGUMENTS
        ]
        # Values are not lazy, and NULL comes through, for a NULL time has a meaning. Not
        # “contextual”: the dialog does not list such functions, and the context comes all the same.
        super().__init__(self.NAME, parameters, GROUP, told.html(), False, True, False)
        self._store = store

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("Expressions", text) if text else ""

    def func(self, values, context, parent, node):
        """QGIS's call for one feature, on any thread."""
        try:
            given = self._given(values)
            reading = self._store.reading(self.question(given, context), context)
            if reading is None:
                return None
            if reading.problem is not None:
                raise CeasefireError(reading.problem)
            return self.answer(reading.snapshot, given, context)
        except CeasefireError as error:
            parent.setEvalErrorString(f"{self.NAME}: {error}")
        except Exception as error:
            log_unexpected(self.NAME, error)
            parent.setEvalErrorString(
                self.tr(
                    "%1 met something it did not expect (%2). Please report it with what the "
                    "message log says under “Ceasefire Monitor”."
                )
                .replace("%1", self.NAME)
                .replace("%2", type(error).__name__)
            )
        return None

    def prepare(self, node, parent, context):
        """QGIS's call before the first feature: read what will be asked, where that can be done."""
        try:
            self._store.prepare(self.question(self._literal(node), context), context)
        except CeasefireError:
            # What is wrong with the arguments is said when the function is evaluated.
            return True
        except Exception as error:
            log_unexpected(self.NAME, error)
        return True

    def isStatic(self, node, parent, context):
        """Never: with the same arguments the answer is another once a line was moved."""
        return False

    def question(self, given: dict, context: Optional[QgsExpressionContext]):
        """What the store is asked; see the class."""
        raise NotImplementedError("a function's question is its method question()")

    def answer(self, snapshot, given: dict, context: Optional[QgsExpressionContext]):
        """The value for one feature; see the class."""
        raise NotImplementedError("a function's answer is its method answer()")

    def _given(self, values) -> dict[str, Any]:
        return {each.name: python_value(value) for each, value in zip(self.ARGUMENTS, values)}

    def _literal(self, node) -> dict[str, Any]:
        """The arguments that are written out as they are; the others as None."""
        nodes = node.args().list() if node is not None and node.args() is not None else []
        values = [
            each.value() if isinstance(each, QgsExpressionNodeLiteral) else None for each in nodes
        ]
        values += [None] * (len(self.ARGUMENTS) - len(values))
        return self._given(values)
