"""The styles that are kept in the ledger's file, where QGIS looks for them when it opens a layer.

An upgrade makes ours anew, but never one that a user has changed or put in its place.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from string import Template

from ..model.field import Shape
from .connection import Connection, bound
from .form_layout import LAYERS
from .form_styles import OWN_STYLES, style_of
from .payload import GEOMETRY

STYLES = "layer_styles"
STYLE_NAME = "ceasefire"
DESCRIPTION = "Ceasefire Monitor: names, forms, lists, relations and symbols"
# As QGIS makes the table; QGIS keeps the user's own styles in it too.
_TABLE = (
    """CREATE TABLE IF NOT EXISTS layer_styles (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
        f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
        useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
        update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))""",
    """INSERT INTO gpkg_contents(table_name, data_type, identifier, description, last_change)
        SELECT 'layer_styles', 'attributes', 'layer_styles', '',
            strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE NOT EXISTS (SELECT 1 FROM gpkg_contents WHERE table_name = 'layer_styles')""",
)
_BEING_MADE = re.compile(r"^\.[0-9a-f]{8}\.")
_STORED = Template(
    "SELECT f_table_name, owner, styleQML FROM layer_styles WHERE styleName = '$style'"
).substitute(style=STYLE_NAME)
_DEFAULTS = "SELECT DISTINCT f_table_name FROM layer_styles WHERE useAsDefault"
_ADD = Template(
    "INSERT INTO layer_styles(f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
    "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
    "VALUES ('', '', $table, $geometry, '$style', $qml, '', "
    "CAST($default AS INTEGER), $description, $owner)"
).safe_substitute(style=STYLE_NAME)
_RENEW = Template(
    "UPDATE layer_styles SET styleQML = $qml, description = $description, owner = $owner, "
    "update_time = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
    "WHERE f_table_name = $table AND styleName = '$style'"
).safe_substitute(style=STYLE_NAME)


def write_styles(connection: Connection) -> list[str]:
    """Store the styles of all tables; gives the tables whose style is new or renewed.
    A style that a user saved as default stays the default; one of ours that he changed stays as
    he left it.
    """
    for statement in _TABLE:
        connection.run(statement)
    stored = {name: (owner, qml) for name, owner, qml in connection.rows(_STORED)}
    taken = {name for (name,) in connection.rows(_DEFAULTS)}
    written = []
    file_name = _final_name(connection.path)
    for name in (*LAYERS, *OWN_STYLES):
        qml = style_of(name, file_name)
        values = {"table": name, "qml": qml, "description": DESCRIPTION, "owner": owner_of(qml)}
        if name not in stored:
            default = str(int(name not in taken))
            connection.run(bound(_ADD, geometry=_geometry(name), default=default, **values))
        elif is_ours(*stored[name]) and stored[name][1] != qml:
            connection.run(bound(_RENEW, **values))
        else:
            continue
        written.append(name)
    return written


def is_ours(owner: str, qml: str) -> bool:
    """Whether a stored style is as we wrote it: its owner names its digest."""
    return owner == owner_of(qml or "")


def _final_name(path: Path) -> str:
    """The file's name without its ending; while it is made, it stands behind eight digits."""
    return _BEING_MADE.sub("", path.stem)


def owner_of(qml: str) -> str:
    """What stands as the owner of a style of ours: whose it is, and its digest."""
    return "ceasefire:" + hashlib.sha256(qml.encode("utf-8")).hexdigest()[:20]


def _geometry(name: str) -> str:
    table = LAYERS.get(name)
    return GEOMETRY if table is not None and table.shape is not Shape.NONE else ""
