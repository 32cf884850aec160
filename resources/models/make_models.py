"""Make the models that the provider ships, with QGIS's Python: ``python make_models.py``.

A model is a file of QGIS's designer; this script is kept so that it can be made again when an
algorithm's parameters change. Boxes stand in reading order: inputs above, steps below them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessing,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelComment,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtCore import QPointF, QSizeF
from qgis.PyQt.QtGui import QColor

HERE = Path(__file__).resolve().parent
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
HELP = {
    "ALG_DESC": (
        "Reads a file of incidents, holds each against the contact line of its day, and prints a "
        "brief: a PDF with map and tables, and its data."
    ),
    "feed": "The file of incidents: CSV, TSV, XLSX, ODS, GeoJSON, GeoPackage or KML.",
    "preset": "Where the file comes from; “auto” recognises it by its columns.",
    "timezone": "The theatre's time zone, such as Europe/Vienna: local times are in it.",
    "posts": "Optional: points of posts by name, for tables that give positions by name.",
    "lines": "The contact lines, with the dates from and until which they are in force.",
    "distance": "Near means within this many metres on the ground.",
    "zones": "Optional: zones whose names are given where an incident lies in them.",
    "period_from": "Optional: the first day of the brief; the first of the data where empty.",
    "period_to": "Optional: the last day of the brief; the last of the data where empty.",
}


FEEDS_HELP = {
    "ALG_DESC": (
        "Fetches all feeds of a ledger, holds its incidents against the contact line of their day "
        "and writes the findings to the ledger, and prints a brief of it. Where a feed fails, the "
        "others are fetched, and the brief rests on what the ledger has."
    ),
    "ledger": "The ledger with feeds, contact lines and zones: a file, or connection/schema.",
    "only_due": "On: only feeds whose turn it is, by interval, quiet hours and earlier failures.",
    "distance": HELP["distance"],
    "period_from": HELP["period_from"],
    "period_to": HELP["period_to"],
}


def models() -> list[QgsProcessingModelAlgorithm]:
    """All models that ship."""
    return [incidents_to_brief(), feeds_to_brief()]


def incidents_to_brief() -> QgsProcessingModelAlgorithm:
    """Feed file, incidents, flags, brief."""
    steps = (
        ("import", "ceasefire:importincidents", "Import incidents", _import()),
        ("flag", "ceasefire:flagincidents", "Flag incidents", _flag()),
        ("brief", "ceasefire:brief", "Print the brief", _brief()),
    )
    model = _model("incidents_to_brief", list(_inputs()), steps, HELP)
    # QGIS makes the parameter's name of these words: rejected, flagged, brief_folder.
    _outputs(
        model,
        ("import", "REJECTED", "Rejected", True),
        ("flag", "OUTPUT", "Flagged", False),
        ("brief", "OUTPUT_FOLDER", "Brief folder", False),
    )
    return model


def feeds_to_brief() -> QgsProcessingModelAlgorithm:
    """All feeds of a ledger, flags, brief."""
    steps = (
        (
            "fetch",
            "ceasefire:fetchallfeeds",
            "Fetch all feeds",
            {"LEDGER": _input("ledger"), "ONLY_DUE": _input("only_due")},
        ),
        (
            "flag",
            "ceasefire:flagincidents",
            "Flag incidents",
            {
                "INPUT": _from("fetch", "LEDGER_INCIDENTS"),
                "LEDGER": _from("fetch", "LEDGER"),
                "DISTANCE": _input("distance"),
            },
        ),
        (
            "brief",
            "ceasefire:brief",
            "Print the brief",
            {
                "LEDGER": _from("flag", "LEDGER"),
                "DISTANCE": _input("distance"),
                "FROM": _input("period_from"),
                "TO": _input("period_to"),
            },
        ),
    )
    model = _model("feeds_to_brief", list(_feeds_inputs()), steps, FEEDS_HELP)
    # new_and_changed, rejected, brief_folder.
    _outputs(
        model,
        ("fetch", "OUTPUT", "New and changed", True),
        ("fetch", "REJECTED", "Rejected", True),
        ("brief", "OUTPUT_FOLDER", "Brief folder", False),
    )
    return model


def _model(name: str, inputs: list, steps, words: dict) -> QgsProcessingModelAlgorithm:
    """A model of inputs and of steps: id, algorithm, words, and where each parameter comes from."""
    model = QgsProcessingModelAlgorithm(name, "Models", "models")
    for number, parameter in enumerate(inputs):
        place = QgsProcessingModelParameter(parameter.name())
        place.setPosition(QPointF(130 + 230 * (number % 5), 60 + 80 * (number // 5)))
        place.setSize(QSizeF(210, 32))
        model.addModelParameter(parameter, place)
    for number, (child_id, identifier, title, sources) in enumerate(steps):
        child = QgsProcessingModelChildAlgorithm(identifier)
        child.setChildId(child_id)
        child.setDescription(title)
        child.setPosition(QPointF(290 + 320 * number, 290 + 90 * number))
        child.setSize(QSizeF(230, 36))
        for parameter, source in sources.items():
            child.addParameterSources(parameter, [source])
        if not child.reattach():
            raise SystemExit(f"{identifier} is not registered.")
        model.addChildAlgorithm(child)
    model.setParameterOrder([parameter.name() for parameter in inputs])
    _say_what_it_does(model)
    model.setHelpContent(words)
    return model


def _inputs():
    line, polygon = (
        QgsProcessing.SourceType.TypeVectorLine,
        QgsProcessing.SourceType.TypeVectorPolygon,
    )
    distance = QgsProcessingParameterDistance("distance", "Near means within (metres)", 5000.0)
    distance.setDefaultUnit(Qgis.DistanceUnit.Meters)
    made = (
        QgsProcessingParameterFile("feed", "File of incidents"),
        QgsProcessingParameterEnum(
            "preset", "Preset", list(PRESETS), defaultValue="auto", usesStaticStrings=True
        ),
        QgsProcessingParameterString("timezone", "Time zone", "UTC"),
        QgsProcessingParameterFile("posts", "Posts", optional=True),
        QgsProcessingParameterFeatureSource("lines", "Contact lines", [line]),
        distance,
        QgsProcessingParameterFeatureSource("zones", "Zones", [polygon], optional=True),
        QgsProcessingParameterString("period_from", "From", optional=True),
        QgsProcessingParameterString("period_to", "To", optional=True),
    )
    for parameter in made:
        parameter.setHelp(HELP[parameter.name()])
    return made


def _input(name: str) -> QgsProcessingModelChildParameterSource:
    return QgsProcessingModelChildParameterSource.fromModelParameter(name)


def _from(child: str, output: str) -> QgsProcessingModelChildParameterSource:
    return QgsProcessingModelChildParameterSource.fromChildOutput(child, output)


def _import():
    return {
        "INPUT": _input("feed"),
        "PRESET": _input("preset"),
        "TIMEZONE": _input("timezone"),
        "POSTS": _input("posts"),
    }


def _flag():
    return {
        "INPUT": _from("import", "OUTPUT"),
        "LINES": _input("lines"),
        "ZONES": _input("zones"),
        "DISTANCE": _input("distance"),
        "TIMEZONE": _input("timezone"),
    }


def _brief():
    return {
        "INPUT": _from("flag", "OUTPUT"),
        "LINES": _input("lines"),
        "ZONES": _input("zones"),
        "DISTANCE": _input("distance"),
        "TIMEZONE": _input("timezone"),
        "FROM": _input("period_from"),
        "TO": _input("period_to"),
    }


def _outputs(model: QgsProcessingModelAlgorithm, *asked: tuple[str, str, str, bool]) -> None:
    """What the model's user is asked to place: (step, output, words, whether it is optional)."""
    for number, (child_id, name, words, optional) in enumerate(asked):
        child = model.childAlgorithm(child_id)
        output = QgsProcessingModelOutput(words, words)
        output.setChildId(child_id)
        output.setChildOutputName(name)
        output.setMandatory(not optional)
        earlier = sum(1 for one in asked[:number] if one[0] == child_id)
        output.setPosition(child.position() + QPointF(0, 75 + 45 * earlier))
        output.setSize(QSizeF(200, 30))
        outputs = child.modelOutputs()
        outputs[words] = output
        child.setModelOutputs(outputs)
        model.setChildAlgorithm(child)
    model.updateDestinationParameters()


def _feeds_inputs():
    distance = QgsProcessingParameterDistance("distance", "Near means within (metres)", 5000.0)
    distance.setDefaultUnit(Qgis.DistanceUnit.Meters)
    made = (
        QgsProcessingParameterFile("ledger", "Ledger"),
        QgsProcessingParameterBoolean("only_due", "Only feeds that are due", False),
        distance,
        QgsProcessingParameterString("period_from", "From", optional=True),
        QgsProcessingParameterString("period_to", "To", optional=True),
    )
    for parameter in made:
        parameter.setHelp(FEEDS_HELP[parameter.name()])
    return made


def _say_what_it_does(model: QgsProcessingModelAlgorithm) -> None:
    child = model.childAlgorithm("flag")
    comment = QgsProcessingModelComment(
        "The line in force on the incident's day counts, and the uncertainty of both."
    )
    comment.setColor(QColor("#fff3c4"))
    comment.setPosition(child.position() + QPointF(-250, 70))
    comment.setSize(QSizeF(200, 60))
    child.setComment(comment)
    model.setChildAlgorithm(child)


def main() -> None:
    """Register the provider, make the models, write them beside this script."""
    import importlib.util

    root = HERE.parent.parent
    spec = importlib.util.spec_from_file_location(
        "ceasefire_monitor", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["ceasefire_monitor"] = package
    spec.loader.exec_module(package)
    application = QgsApplication([], False)
    application.initQgis()
    from ceasefire_monitor.processing.provider import CeasefireProvider

    provider = CeasefireProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    for model in models():
        if not model.toFile(str(HERE / f"{model.name()}.model3")):
            raise SystemExit(f"{HERE} cannot be written to.")
    application.exitQgis()


if __name__ == "__main__":
    main()
