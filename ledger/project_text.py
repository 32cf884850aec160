"""The QGIS project of a ledger, as text: its layers in their styles and groups, and relations.

QGIS binds the lists of a form (history, observations, harm) while it reads a project; the styles
alone cannot do it. Written without QGIS, so that every ledger has it; read by QGIS 3.40 and later.
"""

from __future__ import annotations

import re
from html import escape
from typing import Sequence

from ..model.tables import LEDGER_TABLES
from ..model.tables import table as table_named
from .form_layout import LAYERS, RELATIONS, Relation
from .form_styles import style_of
from .own_tables import CURRENT_FINDINGS, INCIDENT_HISTORY, LISTED, RECORD_HISTORY
from .qml import tag

VARIABLE = "ceasefire_timezone"
GROUP = "Ceasefire Monitor"
TABLES_GROUP = "Tables"
# From top to bottom, as the map draws them; those below are not drawn until somebody wants them.
DRAWN = ("incidents", "sites", "posts", "contact_lines", "zones", "control_areas")
ON_DEMAND = (
    "alerts",
    "observations",
    "claims",
    "restrictions",
    "weapon_sightings",
    "storage_sites",
)
_MAP = (*DRAWN[:1], *ON_DEMAND, *DRAWN[1:])
_HISTORIES = (CURRENT_FINDINGS, INCIDENT_HISTORY, RECORD_HISTORY)
TABLES = (*(table.name for table in LEDGER_TABLES if table.name not in _MAP), *_HISTORIES)
_WGS84 = (
    '<spatialrefsys nativeFormat="Wkt"><proj4>+proj=longlat +datum=WGS84 +no_defs</proj4>'
    "<srsid>3452</srsid><srid>4326</srid><authid>EPSG:4326</authid>"
    "<description>WGS 84</description><projectionacronym>longlat</projectionacronym>"
    "<ellipsoidacronym>EPSG:7030</ellipsoidacronym><geographicflag>true</geographicflag>"
    "</spatialrefsys>"
)
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_PROPERTIES = (
    '<Measure><Ellipsoid type="QString">EPSG:7030</Ellipsoid></Measure>'
    '<Measurement><DistanceUnits type="QString">meters</DistanceUnits>'
    '<AreaUnits type="QString">km2</AreaUnits></Measurement>'
    '<Paths><Absolute type="bool">false</Absolute></Paths>'
    '<SpatialRefSys><ProjectionsEnabled type="int">1</ProjectionsEnabled></SpatialRefSys>'
)
_STYLE = re.compile(r'<qgis [^>]*readOnly="([01])"[^>]*>(.*)</qgis>', re.DOTALL)


def project_text(file_name: str, timezone: str, title: str, extent: Sequence[float]) -> str:
    """The project as QGIS's XML, for a ledger in the file ``file_name`` of the project's folder.

    ``extent`` is what its map shows: west, south, east, north in degrees.
    """
    parts = [
        '<homePath path=""/>',
        tag("title", escape(title)),
        tag("projectCrs", _WGS84),
        _tree(),
        tag("relations", "".join(_relation(relation) for relation in RELATIONS)),
        tag("mapcanvas", _view(extent), {"name": "theMapCanvas"}),
        tag("projectlayers", "".join(_layer(name, file_name) for name in (*_MAP, *TABLES))),
        tag("properties", _PROPERTIES + _variables({VARIABLE: timezone})),
    ]
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis projectname="{escape(title)}" version="3.40.0">{"".join(parts)}</qgis>'
    )


def layer_id(name: str) -> str:
    """The id of a table's layer in the project."""
    return f"ledger_{name}"


def _view(extent: Sequence[float]) -> str:
    sides = "".join(tag(name, f"{at:.6f}") for name, at in zip(_SIDES, extent))
    return f"<units>degrees</units>{tag('extent', sides)}{tag('destinationsrs', _WGS84)}"


def _tree() -> str:
    """Two groups: what is drawn, and below it, closed, the tables."""
    drawn = "".join(_leaf(name, name in DRAWN) for name in _MAP)
    tables = _group(TABLES_GROUP, "".join(_leaf(name, True) for name in TABLES), shown=False)
    return tag("layer-tree-group", _group(GROUP, drawn, shown=True) + tables)


def _group(name: str, inside: str, shown: bool) -> str:
    said = {"name": name, "expanded": str(int(shown)), "checked": _checked(shown)}
    return tag("layer-tree-group", inside, said)


def _leaf(name: str, shown: bool) -> str:
    said = {"id": layer_id(name), "name": _title(name), "expanded": "0", "providerKey": "ogr"}
    return tag("layer-tree-layer", "", {**said, "checked": _checked(shown)})


def _checked(shown: bool) -> str:
    return "Qt::Checked" if shown else "Qt::Unchecked"


def _relation(relation: Relation) -> str:
    said = {
        "id": relation.name,
        "name": f"{_title(relation.child)} · {relation.field}",
        "strength": "Association",
        "referencedLayer": layer_id(relation.parent),
        "referencingLayer": layer_id(relation.child),
    }
    pair = {"referencingField": relation.field, "referencedField": relation.key}
    return tag("relation", tag("fieldRef", "", pair), said)


def _layer(name: str, file_name: str) -> str:
    read_only, style = _STYLE.search(style_of(name, None)).groups()
    said = {"type": "vector", "readOnly": read_only, "labelsEnabled": "0"}
    parts = [
        tag("id", layer_id(name)),
        tag("datasource", escape(f"./{file_name}|layername={name}")),
        tag("layername", escape(_title(name))),
        tag("srs", _WGS84) if name in _MAP else "",
        '<provider encoding="UTF-8">ogr</provider>',
        style,
    ]
    return tag("maplayer", "".join(parts), said)


def _title(name: str) -> str:
    return table_named(name).title if name in LAYERS else LISTED[name]


def _variables(values: dict[str, str]) -> str:
    names = "".join(tag("value", escape(name)) for name in values)
    texts = "".join(tag("value", escape(value)) for value in values.values())
    kind = {"type": "QStringList"}
    return tag("Variables", tag("variableNames", names, kind) + tag("variableValues", texts, kind))
