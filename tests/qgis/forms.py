"""What a form has around it in QGIS's window, for tests that open forms."""

from __future__ import annotations

import contextlib

from qgis.core import QgsTrackedVectorLayerTools
from qgis.gui import (
    QgsAdvancedDigitizingDockWidget,
    QgsAttributeEditorContext,
    QgsMapCanvas,
    QgsMessageBar,
)
from qgis.PyQt import sip


@contextlib.contextmanager
def around_forms():
    """A form's context; forms that are added to its ``forms`` go first when it is taken apart, in
    the order that Qt needs."""
    canvas, bar, tools = QgsMapCanvas(), QgsMessageBar(), QgsTrackedVectorLayerTools()
    digitizing = QgsAdvancedDigitizingDockWidget(canvas)
    context = QgsAttributeEditorContext()
    context.setMapCanvas(canvas)
    context.setMainMessageBar(bar)
    context.setVectorLayerTools(tools)
    context.setCadDockWidget(digitizing)
    context.forms = []
    yield context
    for thing in (*context.forms, digitizing, tools, bar, canvas):
        sip.delete(thing)
