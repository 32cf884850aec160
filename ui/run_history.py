"""The entry that a run leaves in Processing's history, so that it can be run again from there."""

from __future__ import annotations

import re
from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext
from qgis.gui import QgsGui

SECRET = re.compile(
    r"(?i)\b(password|passwd|pwd|pass|token|secret|api_?key|access_?key|key)=('[^']*'|[^&\s'\"|]+)"
)
LOGIN = re.compile(r"(?<=://)[^/@\s:]+:[^/@\s]+@")


def write_entry(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> int:
    """Write what Processing's own dialog writes; returns the entry's id, negative if refused."""
    harmless = without_secrets(parameters)
    details = {
        "algorithm_id": algorithm.id(),
        "parameters": algorithm.asMap(harmless, context),
        "python_command": algorithm.asPythonCommand(harmless, context),
    }
    command, possible = algorithm.asQgisProcessCommand(harmless, context)
    if possible:
        details["process_command"] = command
    identifier, written = QgsGui.historyProviderRegistry().addEntry("processing", details)
    return identifier if written else -1


def without_secrets(value: Any) -> Any:
    """The value with passwords, tokens and logins taken out of its texts."""
    if isinstance(value, str):
        return LOGIN.sub("", SECRET.sub(r"\1=…", value))
    if isinstance(value, dict):
        return {key: without_secrets(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    return value
