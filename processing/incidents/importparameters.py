"""The parameters of ``ceasefire:importincidents`` and what is said of each."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorLayer,
)

ANY_VECTOR = QgsProcessing.SourceType.TypeVector
POINTS = QgsProcessing.SourceType.TypeVectorPoint
PRESETS = (
    "auto",
    "acled",
    "ucdp",
    "viina",
    "firms",
    "smm",
    "cameralog",
    "insecurityinsight",
    "gdelt",
    "hapi",
    "georss",
    "cap",
    "generic",
)


def inputs(algorithm) -> tuple:
    """The input parameters, each with its help."""
    return (*_what_to_read(algorithm), *_what_helps(algorithm), _where_to_keep(algorithm))


def _what_to_read(algorithm):
    yield (
        QgsProcessingParameterVectorLayer(
            algorithm.INPUT, algorithm.tr("File or layer"), [ANY_VECTOR]
        ),
        algorithm.tr(
            "The file or layer of incidents. A file's path is read as it lies; "
            "“file.gpkg|layername=name” names one layer or sheet."
        ),
    )
    yield (
        QgsProcessingParameterEnum(
            algorithm.PRESET,
            algorithm.tr("Preset"),
            options=list(PRESETS),
            defaultValue="auto",
            usesStaticStrings=True,
        ),
        algorithm.tr("Where the table comes from; “auto” recognises it by its columns."),
    )
    yield (
        QgsProcessingParameterString(algorithm.TIMEZONE, algorithm.tr("Time zone"), optional=True),
        algorithm.tr(
            "The theatre's time zone, such as Europe/Vienna: local times are in it. Where empty, "
            "the ledger's; without a ledger, UTC."
        ),
    )


def _what_helps(algorithm):
    mapping = QgsProcessingParameterString(
        algorithm.MAPPING, algorithm.tr("Mapping (JSON)"), multiLine=True, optional=True
    )
    mapping.setFlags(mapping.flags() | Qgis.ProcessingParameterFlag.Advanced)
    yield (
        mapping,
        algorithm.tr(
            'Which column holds what, as {"occurred_from": "Date", "latitude": "Lat", '
            '"origin": {"value": "media"}}; needed only where a column\'s name is unusual.'
        ),
    )
    yield (
        QgsProcessingParameterVectorLayer(
            algorithm.POSTS, algorithm.tr("Posts"), [ANY_VECTOR], optional=True
        ),
        algorithm.tr(
            "Points of posts and places by name, for tables that give positions by name. "
            "The field name, post_id or place_name is used."
        ),
    )


def _where_to_keep(algorithm):
    ledger = QgsProcessingParameterFile(
        algorithm.LEDGER,
        algorithm.tr("Ledger"),
        fileFilter="GeoPackage (*.gpkg);;All files (*)",
        optional=True,
    )
    return ledger, algorithm.tr("The ledger to write to; it is made where there is none yet.")


def sinks(algorithm) -> tuple:
    """The layers that come out, each with its help."""
    return (
        (
            QgsProcessingParameterFeatureSink(
                algorithm.OUTPUT,
                algorithm.tr("Incidents"),
                POINTS,
                optional=True,
            ),
            algorithm.tr("The incidents, points in EPSG:4326; some may have no point."),
        ),
        (
            QgsProcessingParameterFeatureSink(
                algorithm.REJECTED,
                algorithm.tr("Rows set aside"),
                ANY_VECTOR,
                optional=True,
            ),
            algorithm.tr("The rows that were set aside: row number, column, value and reason."),
        ),
    )
