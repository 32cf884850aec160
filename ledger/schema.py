"""The ledger's tables in a GeoPackage, derived from the model."""

from __future__ import annotations

from string import Template

from osgeo import gdal, ogr, osr

from ..model.field import Field, Kind, Shape, Table
from ..model.incident import Effort, Incident, Observation, Post
from ..model.land import ContactLine, ControlArea, Fetch, Finding, Site, Zone
from ..model.stored_agreement import StoredAgreement
from ..model.tables import LEDGER_TABLES
from ..model.weapons import Inventory, StorageSite, WeaponSighting
from .connection import Connection, bound, driver_errors
from .payload import GEOMETRY
from .triggers import HISTORY, trigger_statements

SCHEMA_VERSION = 2
RECORDS = {
    "incidents": Incident,
    "observations": Observation,
    "posts": Post,
    "effort": Effort,
    "contact_lines": ContactLine,
    "control_areas": ControlArea,
    "zones": Zone,
    "sites": Site,
    "weapon_sightings": WeaponSighting,
    "storage_sites": StorageSite,
    "inventories": Inventory,
    "agreements": StoredAgreement,
    "findings": Finding,
    "fetches": Fetch,
}
OGR_TYPES = {
    Kind.TEXT: ogr.OFTString,
    Kind.INTEGER: ogr.OFTInteger64,
    Kind.REAL: ogr.OFTReal,
    Kind.INSTANT: ogr.OFTDateTime,
    Kind.BOOLEAN: ogr.OFTInteger,
}
OGR_SHAPES = {
    Shape.NONE: ogr.wkbNone,
    Shape.POINT: ogr.wkbPoint,
    Shape.LINE: ogr.wkbMultiLineString,
    Shape.AREA: ogr.wkbMultiPolygon,
}
# What a feature drawn by hand in QGIS starts with.
DEFAULTS = {
    ("incidents", "verification"): "'unverified'",
    ("incidents", "workflow"): "'recorded'",
    ("incidents", "sensitivity"): "'restricted'",
    ("sites", "sensitivity"): "'confidential'",
    ("weapon_sightings", "verification"): "'unverified'",
    ("weapon_sightings", "sensitivity"): "'restricted'",
    ("storage_sites", "sensitivity"): "'confidential'",
}
INDICES = (
    ("incidents", ("source",)),
    ("incidents", ("occurred_from",)),
    ("observations", ("incident_id",)),
    ("effort", ("post_id",)),
    ("findings", ("incident_id",)),
)
# Flags are found without passing the many findings of rules.
FLAGS_INDEX = "CREATE INDEX findings_flags ON findings(incident_id) WHERE flag IS NOT NULL"
TABLES_OF_OURS = (
    """CREATE TABLE incident_history (
        history_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        incident_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('insert', 'update')),
        recorded_at DATETIME NOT NULL,
        payload TEXT NOT NULL,
        who TEXT, why TEXT, with_what TEXT, fetch_id TEXT,
        UNIQUE (incident_id, revision))""",
    "CREATE INDEX incident_history_recorded_at ON incident_history(recorded_at)",
    # The few incidents that somebody touched after the import are found without a scan.
    """CREATE INDEX incident_history_by_hand ON incident_history(incident_id)
        WHERE fetch_id IS NULL AND operation = 'update'""",
    """CREATE TABLE settings (
        setting_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        key TEXT NOT NULL UNIQUE, value TEXT)""",
    """CREATE TABLE ledger_session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        who TEXT, why TEXT, with_what TEXT, fetch_id TEXT)""",
    """CREATE TABLE IF NOT EXISTS gpkg_data_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
        description TEXT, mime_type TEXT, constraint_name TEXT,
        CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
        CONSTRAINT gdc_tn UNIQUE (table_name, name))""",
    """CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
        constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
        min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN,
        description TEXT,
        CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))""",
    """INSERT OR IGNORE INTO gpkg_extensions
        (table_name, column_name, extension_name, definition, scope) VALUES
        ('gpkg_data_columns', NULL, 'gpkg_schema',
         'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
        ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
         'http://www.geopackage.org/spec121/#extension_schema', 'read-write')""",
)
ATTRIBUTES = (
    "INSERT INTO gpkg_contents(table_name, data_type, identifier, description, last_change) "
    "VALUES ($name, 'attributes', $title, $title, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
)
# Which of the two a GIS shows as the alias depends on its GDAL; both hold the same words.
TITLE = (
    "INSERT INTO gpkg_data_columns(table_name, column_name, name, title) "
    "VALUES ($table, $column, $title, $title)"
)
KEY_INDEX = Template('CREATE UNIQUE INDEX "${table}_key" ON "$table"("$key")')
INDEX = Template('CREATE INDEX "${table}_${first}" ON "$table"($columns)')
HISTORY_TITLES = {
    "history_id": "Row of the history",
    "incident_id": "Incident",
    "revision": "Revision",
    "operation": "Operation",
    "recorded_at": "Recorded at (UTC)",
    "payload": "State after",
    "who": "Who",
    "why": "Why",
    "with_what": "With what",
    "fetch_id": "Fetch",
}


def create_schema(connection: Connection) -> None:
    """Make all tables, indices, aliases and triggers in an empty GeoPackage."""
    for table in LEDGER_TABLES:
        create_layer(connection, table)
    for statement in TABLES_OF_OURS:
        connection.run(statement)
    for name, title in ((HISTORY, "History of incidents"), ("settings", "Settings")):
        connection.run(bound(ATTRIBUTES, name=name, title=title))
    for table in LEDGER_TABLES:
        connection.run(KEY_INDEX.substitute(table=table.name, key=table.key))
    for name, columns in INDICES:
        connection.run(INDEX.substitute(table=name, first=columns[0], columns=", ".join(columns)))
    connection.run(FLAGS_INDEX)
    _write_titles(connection)
    for statement in trigger_statements():
        connection.run(statement)


def missing_columns(connection: Connection) -> dict[str, list[str]]:
    """The columns of the model that the file does not have, by table; all of them where it has
    no such table."""
    missing = {}
    for table in LEDGER_TABLES:
        there = _columns_there(connection, table)
        lacking = [name for name in table.names() if name not in there]
        if lacking:
            missing[table.name] = lacking
    return missing


def _columns_there(connection: Connection, table: Table) -> set[str]:
    with driver_errors(connection.path):
        layer = connection.dataset.GetLayerByName(table.name)
    if layer is None:
        return set()
    definition = layer.GetLayerDefn()
    return {definition.GetFieldDefn(index).GetName() for index in range(definition.GetFieldCount())}


def create_layer(connection: Connection, table: Table) -> None:
    """Make one layer or table of the model, without its key's index and triggers."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    options = [f"GEOMETRY_NAME={GEOMETRY}", "FID=fid", f"IDENTIFIER={table.title}"]
    with driver_errors(connection.path):
        layer = connection.dataset.CreateLayer(
            table.name,
            None if table.shape is Shape.NONE else reference,
            OGR_SHAPES[table.shape],
            options,
        )
        for field in table.fields:
            layer.CreateField(column_of(table, field))
        layer.SyncToDisk()


def column_of(table: Table, field: Field) -> ogr.FieldDefn:
    """One column as OGR describes it."""
    column = ogr.FieldDefn(field.name, OGR_TYPES[field.kind])
    if field.kind is Kind.BOOLEAN:
        column.SetSubType(ogr.OFSTBoolean)
    default = DEFAULTS.get((table.name, field.name))
    if default:
        column.SetDefault(default)
    return column


def _write_titles(connection: Connection) -> None:
    """Give every column its name for people, which GIS programs show as its alias."""
    for table in LEDGER_TABLES:
        write_titles_of(connection, table, table.names())
    titles = [(HISTORY, column, title) for column, title in HISTORY_TITLES.items()]
    titles += [("settings", "key", "Setting"), ("settings", "value", "Value")]
    for table, column, title in titles:
        connection.run(bound(TITLE, table=table, column=column, title=title))


def write_titles_of(connection: Connection, table: Table, names: list[str]) -> None:
    """Give those columns of one table their names for people."""
    for field in table.fields:
        if field.name in names:
            connection.run(bound(TITLE, table=table.name, column=field.name, title=field.title))


def new_geopackage(path: str) -> None:
    """An empty GeoPackage at ``path``, which must not exist."""
    driver = gdal.GetDriverByName("GPKG")
    dataset = driver.Create(path, 0, 0, 0, gdal.GDT_Unknown)
    del dataset
