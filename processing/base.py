"""What every algorithm of the provider shares: its words, and how an error reaches the user."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsMessageLog,
    QgsProcessingAlgorithm,
    QgsProcessingException,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from ..model.errors import CeasefireError
from .ledgernotes import telling_notes
from .sinks import Outputs

ROOT = Path(__file__).resolve().parent.parent
LOG = "Ceasefire Monitor"


class CeasefireAlgorithm(QgsProcessingAlgorithm):
    """Base of the algorithms: a subclass gives its words and ``work``.

    ``work(parameters, context, feedback, outputs)`` returns the dictionary of results. It raises
    CeasefireError with one sentence where the input is wrong; what it opened through ``outputs``
    appears under its final name only if it returns.
    """

    NAME = ""
    TITLE = ""
    GROUP = ""
    GROUP_ID = ""
    HELP = ""

    def __init_subclass__(cls, **words):
        super().__init_subclass__(**words)
        if "run" in cls.__dict__:
            raise TypeError(f"{cls.__name__}.run hides QGIS's own run: name it work")

    def createInstance(self):
        return type(self)()

    def name(self):
        return self.NAME

    def displayName(self):
        return self.tr(self.TITLE)

    def group(self):
        return self.tr(self.GROUP)

    def groupId(self):
        return self.GROUP_ID

    def shortHelpString(self):
        return self.tr(self.HELP)

    def helpUrl(self):
        return (ROOT / "docs" / "algorithms.md").as_uri() + "#" + self.NAME

    def icon(self):
        return QIcon(str(ROOT / "resources" / "icons" / "ceasefire_monitor.svg"))

    def tr(self, text):
        return QCoreApplication.translate(type(self).__name__, text)

    def add(self, parameter, help_text: str) -> None:
        """Add a parameter with its help."""
        parameter.setHelp(help_text)
        self.addParameter(parameter)

    def processAlgorithm(self, parameters, context, feedback):
        """Run, and turn what goes wrong into one sentence."""
        outputs = Outputs(self, parameters, context)
        try:
            with telling_notes(feedback):
                results = self.work(parameters, context, feedback, outputs)
            outputs.keep()
        except (CeasefireError, QgsProcessingException) as error:
            outputs.discard()
            raise QgsProcessingException(str(error)) from None
        except OSError as error:
            outputs.discard()
            raise QgsProcessingException(self.about_the_disk(error)) from None
        except Exception as error:
            outputs.discard()
            log_unexpected(self.NAME, error)
            raise QgsProcessingException(
                self.tr(
                    "%1 met something it did not expect (%2) and stopped; nothing was written. "
                    "Please report this with what the message log says under “Ceasefire Monitor”."
                )
                .replace("%1", self.displayName())
                .replace("%2", type(error).__name__)
            ) from None
        return results

    def about_the_disk(self, error: OSError) -> str:
        """One sentence on a file that could not be read or written."""
        where = error.filename or self.tr("the output")
        why = os.strerror(error.errno) if error.errno else str(error)
        return (
            self.tr(
                "“%1” could not be read or written: %2. Choose another place or free some room, "
                "and run it again; nothing was written."
            )
            .replace("%1", str(where))
            .replace("%2", why)
        )

    def work(self, parameters, context, feedback, outputs):
        """The algorithm's work; see the class."""
        raise NotImplementedError("an algorithm's work is its method work()")


def log_unexpected(name: str, error: Exception) -> None:
    """Where an unexpected error arose, by file and line; never its text, which may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    QgsMessageLog.logMessage(
        f"{name}: {type(error).__name__} at " + " < ".join(reversed(lines)),
        LOG,
        Qgis.MessageLevel.Critical,
    )
