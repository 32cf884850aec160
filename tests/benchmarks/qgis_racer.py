"""Racer: Processing algorithms in real QGIS, from GeoPackage to GeoPackage."""

from __future__ import annotations

import itertools
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from . import layers
from .racer import PACKAGE
from .serve import peak_bytes, serve

PLUGINS = "/usr/share/qgis/python/plugins"


class Workbench:
    """QGIS with Processing and the provider, and the files that it works on."""

    def __init__(self, folder: Path, segments: int, versions: int):
        self.folder, self.segments, self.versions = folder, segments, versions
        # Python's half of the provider lives only as long as somebody holds it.
        self._application, self._provider = _started()
        self._numbers = itertools.count()
        self._layer = self._functions = None

    def flag(self, count: str) -> dict:
        """``ceasefire:flagincidents`` with all versions of the line."""
        return self._run("ceasefire:flagincidents", int(count), LINES=str(self._lines()))

    def save(self, count: str) -> dict:
        """``native:savefeatures``: the reading and writing alone."""
        return self._run("native:savefeatures", int(count))

    def join(self, count: str) -> dict:
        """``native:joinbynearest`` to one version of the line as one feature."""
        one = str(self._lines(self.versions // 2))
        return self._run("native:joinbynearest", int(count), INPUT_2=one, NEIGHBORS=1)

    def express(self, count: str, *words: str) -> dict:
        """An expression, once for each of ``count`` features of a layer in a project."""
        from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils

        layer = self._project(int(count))
        expression = QgsExpression(" ".join(words))
        context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
        features = list(layer.getFeatures())
        expression.prepare(context)
        begun = time.perf_counter()
        answered = 0
        for feature in features:
            context.setFeature(feature)
            answered += expression.evaluate(context) is not None
        seconds = time.perf_counter() - begun
        if expression.hasEvalError() or expression.hasParserError():
            raise RuntimeError(expression.evalErrorString() or expression.parserErrorString())
        return {"seconds": seconds, "measured": answered}

    def _project(self, count: int):
        """The layer of incidents, in the project beside the layer of lines, with the functions."""
        from qgis.core import QgsProject, QgsVectorLayer

        if self._layer is None:
            register = import_module(f"{PACKAGE}.processing.expressions.register")
            self._functions = register.ExpressionFunctions()
            incidents = layers.incidents_file(self.folder, count, self.versions)
            self._layer = QgsVectorLayer(str(incidents), "Incidents", "ogr")
            lines = QgsVectorLayer(str(self._lines()), "Contact lines", "ogr")
            QgsProject.instance().addMapLayers([self._layer, lines])
        return self._layer

    def close(self) -> None:
        """Take back what was registered, and end QGIS."""
        from qgis.core import QgsApplication, QgsProject

        if self._layer is not None:
            self._functions.unregister()
            QgsProject.instance().clear()
            self._layer = None
        QgsApplication.processingRegistry().removeProvider("ceasefire")
        self._application.exitQgis()

    def make(self, count: str) -> dict:
        """The files for ``count`` incidents, so that no run has to make them."""
        layers.incidents_file(self.folder, int(count), self.versions)
        self._lines()
        self._lines(self.versions // 2)
        return {}

    def _lines(self, only=None) -> Path:
        return layers.lines_file(self.folder, self.segments, self.versions, only)

    def _run(self, identifier: str, count: int, **parameters) -> dict:
        import processing

        incidents = layers.incidents_file(self.folder, count, self.versions)
        output = self.folder / f"output_{os.getpid()}_{next(self._numbers)}.gpkg"
        begun = time.perf_counter()
        processing.run(identifier, {"INPUT": str(incidents), "OUTPUT": str(output), **parameters})
        seconds = time.perf_counter() - begun
        written = _count(output)
        output.unlink()
        return {"seconds": seconds, "measured": written, "peak_bytes": peak_bytes()}


def _started():
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    for folder in (PLUGINS, os.environ.get("QGIS_PLUGINS", "")):
        if folder and folder not in sys.path:
            sys.path.append(folder)
    from processing.core.Processing import Processing

    Processing.initialize()
    provider = import_module(f"{PACKAGE}.processing.provider").CeasefireProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    return application, provider


def _count(path: Path) -> int:
    from qgis.core import QgsVectorLayer

    return QgsVectorLayer(str(path), "written", "ogr").featureCount()


def main() -> None:
    folder, segments, versions = sys.argv[1:]
    bench = Workbench(Path(folder), int(segments), int(versions))
    serve(
        {
            "flag": bench.flag,
            "save": bench.save,
            "join": bench.join,
            "make": bench.make,
            "express": bench.express,
        }
    )
    bench.close()


if __name__ == "__main__":
    main()
