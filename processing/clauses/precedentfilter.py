"""The parameters by which precedents are chosen, and what they ask."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

INPUT = "INPUT"
YES_NO = ("yes", "no", "not_known")
CHOICES = (
    ("MECHANISM", "Mechanism agreed", YES_NO),
    ("ENFORCEMENT", "Enforcement", ("none", "external", "international_organisation", "not_known")),
    ("MEDIATED", "Mediated", YES_NO),
    ("WRITTEN", "Written", YES_NO),
    ("OUTCOME", "What became of it", ("ended", "expired", "holding", "not_known")),
)
WORDS = (
    ("COUNTRY", "Country"),
    ("REGION", "Region"),
    ("KIND", "Type"),
    ("PURPOSE", "Purpose"),
)
NUMBERS = (
    ("FIRST_YEAR", "Began in or after"),
    ("LAST_YEAR", "Began in or before"),
    ("LASTED_DAYS", "Held at least (days)"),
)
ISSUES = "ISSUES"


def add_precedents(algorithm) -> None:
    """The parameter INPUT."""
    tr = algorithm.tr
    algorithm.add(
        QgsProcessingParameterFeatureSource(
            INPUT, tr("Precedents"), [QgsProcessing.SourceType.TypeVector]
        ),
        tr(
            "A table made by importprecedents, or a table of the ETH/PRIO data set, of PA-X or of "
            "your own as it is."
        ),
    )


def add_filter(algorithm, advanced: bool = False) -> None:
    """The parameters that narrow the precedents; each may be left empty."""
    tr = algorithm.tr
    for name, title in WORDS:
        _add(
            *(algorithm, QgsProcessingParameterString(name, tr(title), optional=True)),
            *(tr("Only where the data set's word holds this text; any where empty."), advanced),
        )
    for name, title, codes in CHOICES:
        parameter = QgsProcessingParameterEnum(
            name, tr(title), options=list(codes), usesStaticStrings=True, optional=True
        )
        told = tr("Only these; any where empty. What is not known is no yes and no no.")
        _add(algorithm, parameter, told, advanced)
    for name, title in NUMBERS:
        parameter = QgsProcessingParameterNumber(
            *(name, tr(title), QgsProcessingParameterNumber.Type.Integer),
            defaultValue=None,
            optional=True,
            minValue=0,
        )
        told = tr("Only where this is sure for all days that it may mean; any where empty.")
        _add(algorithm, parameter, told, advanced)
    _add(
        algorithm,
        QgsProcessingParameterString(ISSUES, tr("Issues of PA-X"), optional=True),
        tr("Only agreements with these issue codes, such as “Ce>=2, SsrArm”."),
        advanced,
    )


def asked(algorithm, parameters, context):
    """What the parameters ask of a precedent."""
    from ...analysis.precedents.filtering import Asked

    told = {
        name: algorithm.parameterAsString(parameters, name, context).strip() or None
        for name, _ in (*WORDS, (ISSUES, ""))
    }
    for name, _, _ in CHOICES:
        if parameters.get(name) not in (None, ""):
            told[name] = algorithm.parameterAsEnumString(parameters, name, context) or None
    for name, _ in NUMBERS:
        if parameters.get(name) not in (None, ""):
            told[name] = algorithm.parameterAsInt(parameters, name, context)
    return Asked(**{name.lower(): value for name, value in told.items()})


def _add(algorithm, parameter, help_text: str, advanced: bool) -> None:
    if advanced:
        flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
        parameter.setFlags(parameter.flags() | flag)
    algorithm.add(parameter, help_text)
