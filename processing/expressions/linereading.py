"""Contact lines read on the main thread: from layers of the project, from a ledger, from a file."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

from qgis.core import (
    QgsFeedback,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProject,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from ...model.errors import CeasefireError
from ..ledger.place import is_known_database, ledger_and_table, open_place
from ..libraries import require
from ..line.linesource import LineFields, lines_of_records, lines_of_source
from .line_snapshot import LineSnapshot
from .linechoice import LineChoice, choose_lines
from .places import Places
from .reading import Reading


class LinesAsked(NamedTuple):
    """Which lines an expression asks for: the text that names them, the zone, and the folder from
    which a path counts; None: the usual ones."""

    lines: Optional[str] = None
    zone: Optional[str] = None
    folder: Optional[str] = None

    def read(self, project: QgsProject, former: Optional[Reading]) -> Reading:
        """Read them, or keep the ``former`` snapshot where they are as they were."""
        require("shapely", "pyproj")
        choice = choose_lines(self.lines, self.folder, project)
        files = tuple(files_of(choice))
        try:
            return self._read(choice, files, project, former)
        except CeasefireError as error:
            return Reading(layers=choice.layers, files=files, problem=str(error))

    def _read(self, choice, files, project, former) -> Reading:
        from ...analysis.contact_line import prepare_lines
        from ...analysis.flag_sentences import zone_of

        zone_name = self.zone or zone_of_ledger(ledgers_of(choice))[0]
        zone = zone_of(zone_name)
        columns, notes = columns_of(choice, zone, project)
        transforms = project.transformContext()
        operations = str(transforms.coordinateOperations())
        state = (zone_name, choice.kind, operations, fingerprint(columns))
        if former is not None and former.state == state:
            return former
        lines = prepare_lines(columns, choice.kind)
        snapshot = LineSnapshot.of(lines, zone, Places(transforms))
        return Reading(snapshot, choice.layers, files, state, tuple(notes + lines.notes))


def files_of(choice: LineChoice) -> list[str]:
    """The files on which the lines stand."""
    if choice.path is not None:
        path = choice.path.partition("|")[0]
        return [] if is_known_database(path) else [path]
    registry = QgsProviderRegistry.instance()
    paths = [
        registry.decodeUri(layer.providerType(), layer.source()).get("path")
        for layer in choice.layers
    ]
    return sorted({path for path in paths if path})


def ledgers_of(choice: LineChoice) -> list[str]:
    """What may be the ledgers of the lines: GeoPackages, and texts ``connection/schema``."""
    if choice.path is not None:
        named = [choice.path.partition("|")[0]]
    else:
        shown = [ledger_and_table(layer) for layer in choice.layers]
        named = sorted({ledger for ledger, _ in filter(None, shown)})
    return [text for text in named if _may_be_ledger(text)]


def zone_of_ledger(ledgers: Sequence[str]) -> tuple[str, Optional[str]]:
    """The zone of the first that is a ledger, and its text; UTC and None where none is one."""
    for text in ledgers:
        try:
            with open_place(text, readonly=True) as ledger:
                return ledger.settings().get("timezone") or "UTC", text
        except CeasefireError:
            # A GeoPackage or schema that is no ledger: it names no zone.
            continue
    return "UTC", None


def _may_be_ledger(text: str) -> bool:
    return text.lower().endswith(".gpkg") or is_known_database(text)


def columns_of(choice: LineChoice, zone, project: QgsProject):
    """The lines as ``analysis.contact_line.LineColumns``, and notes on what is doubtful."""
    if choice.path is not None:
        return _of_file(choice.path, zone, project)
    read = [_of_layer(layer, zone, project) for layer in choice.layers]
    columns = _joined([one for one, _ in read])
    return columns, [note for _, notes in read for note in notes]


def _of_file(path: str, zone, project: QgsProject):
    if "|" not in path and _may_be_ledger(path):
        try:
            with open_place(path, readonly=True) as ledger:
                return lines_of_records(ledger.read("contact_lines")), []
        except CeasefireError:
            if is_known_database(path):
                raise
            layer = QgsVectorLayer(path, path, "ogr")
            if not layer.isValid():
                raise
            return _of_layer(layer, zone, project)
    layer = QgsVectorLayer(path, path, "ogr")
    if not layer.isValid():
        raise CeasefireError(
            f"“{path}” could not be read as lines. Name a ledger or a vector file."
        )
    return _of_layer(layer, zone, project)


def _of_layer(layer: QgsVectorLayer, zone, project: QgsProject):
    context = QgsProcessingContext()
    context.setProject(project)
    source = QgsProcessingFeatureSource(layer, context)
    return lines_of_source(source, LineFields(), zone, context, QgsFeedback())


def _joined(several: list):
    """Lines of layers that show one table, each line once."""
    import numpy as np

    from ...analysis.contact_line import LineColumns

    if len(several) == 1:
        return several[0]
    names = list(several[0].__dataclass_fields__)
    joined = LineColumns(
        **{name: np.concatenate([getattr(one, name) for one in several]) for name in names}
    )
    _, first = np.unique(joined.label.astype(str), return_index=True)
    return joined.take(np.sort(first))


def fingerprint(columns) -> tuple:
    """What tells columns of lines, zones or sites from those that were read before."""
    import shapely

    names = [name for name in columns.__dataclass_fields__ if name != "geometry"]
    values = [tuple(str(value) for value in getattr(columns, name)) for name in names]
    shapes = getattr(columns, "geometry", ())
    return (tuple(shapely.to_wkb(shapes)) if len(shapes) else (), tuple(values))
