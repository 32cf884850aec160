"""The ledger's tables in a GeoPackage, derived from the model."""

from __future__ import annotations

from string import Template

from osgeo import gdal, ogr, osr

from ..model.alert import Alert, AlertRule
from ..model.claim import Claim, Restriction
from ..model.evidence import CustodyEvent, Evidence, Protected
from ..model.feed import Feed
from ..model.field import Field, Kind, Shape, Table
from ..model.harm import Harm, Link
from ..model.incident import Effort, Incident, Observation, Post
from ..model.land import ContactLine, ControlArea, Fetch, Finding, Site, Zone
from ..model.stored_agreement import StoredAgreement
from ..model.tables import FINDINGS, LEDGER_TABLES
from ..model.weapons import Inventory, StorageSite, WeaponSighting
from .connection import Connection, bound, driver_errors
from .findings_view import current_findings_sql
from .own_tables import CURRENT_FINDINGS, DEFINITIONS, GEOPACKAGE_SCHEMA, LISTED, TITLES
from .payload import GEOMETRY
from .record_triggers import RECORDED, STAMPS
from .stored_styles import write_styles
from .triggers import trigger_statements

SCHEMA_VERSION = 3
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
    "links": Link,
    "harm": Harm,
    "claims": Claim,
    "restrictions": Restriction,
    "evidence": Evidence,
    "custody": CustodyEvent,
    "protected": Protected,
    "feeds": Feed,
    "alert_rules": AlertRule,
    "alerts": Alert,
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
    ("links", "status"): "'stated'",
    ("harm", "verification"): "'unverified'",
    ("harm", "sensitivity"): "'confidential'",
    ("claims", "finding"): "'under_review'",
    ("claims", "sensitivity"): "'restricted'",
    ("restrictions", "sensitivity"): "'restricted'",
    ("evidence", "sensitivity"): "'confidential'",
    ("alerts", "sensitivity"): "'restricted'",
}
INDICES = (
    ("incidents", ("source",)),
    ("incidents", ("occurred_from",)),
    ("observations", ("incident_id",)),
    ("effort", ("post_id",)),
    ("findings", ("incident_id",)),
)
# Flags are found without passing the many findings of rules.
FLAGS_INDEX = (
    "CREATE INDEX IF NOT EXISTS findings_flags ON findings(incident_id) WHERE flag IS NOT NULL"
)
ALERTS_INDEX = "CREATE INDEX IF NOT EXISTS alerts_incident_id ON alerts(incident_id)"
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


def create_schema(connection: Connection) -> None:
    """Make all tables, indices, aliases and triggers in an empty GeoPackage."""
    for table in LEDGER_TABLES:
        create_layer(connection, table)
    for statement in GEOPACKAGE_SCHEMA:
        connection.run(statement)
    create_own_tables(connection)
    for table in LEDGER_TABLES:
        connection.run(KEY_INDEX.substitute(table=table.name, key=table.key))
    for name, columns in INDICES:
        connection.run(INDEX.substitute(table=name, first=columns[0], columns=", ".join(columns)))
    connection.run(FLAGS_INDEX)
    connection.run(ALERTS_INDEX)
    for table in LEDGER_TABLES:
        write_titles_of(connection, table, table.names())
        write_stamps_of(connection, table)
    for statement in trigger_statements():
        connection.run(statement)
    write_styles(connection)


def create_own_tables(connection: Connection) -> None:
    """Make those of the ledger's own tables that the file lacks, with their names for people."""
    there = {name for (name,) in connection.rows("SELECT name FROM sqlite_master")}
    definitions = {**DEFINITIONS, CURRENT_FINDINGS: (current_findings_sql(),)}
    titles = {**TITLES, CURRENT_FINDINGS: {item.name: item.title for item in FINDINGS.fields}}
    for name, statements in definitions.items():
        if name in there:
            continue
        for statement in statements:
            connection.run(statement)
        if name in LISTED:
            connection.run(bound(ATTRIBUTES, name=name, title=LISTED[name]))
        for column, title in titles.get(name, {}).items():
            connection.run(bound(TITLE, table=name, column=column, title=title))


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
    if table in RECORDED:
        create_stamps(connection, layer)


def column_of(table: Table, field: Field) -> ogr.FieldDefn:
    """One column as OGR describes it."""
    column = ogr.FieldDefn(field.name, OGR_TYPES[field.kind])
    if field.kind is Kind.BOOLEAN:
        column.SetSubType(ogr.OFSTBoolean)
    default = DEFAULTS.get((table.name, field.name))
    if default:
        column.SetDefault(default)
    return column


def write_titles_of(connection: Connection, table: Table, names: list[str]) -> None:
    """Give those columns of one table their names for people."""
    for field in table.fields:
        if field.name in names:
            connection.run(bound(TITLE, table=table.name, column=field.name, title=field.title))


def write_stamps_of(connection: Connection, table: Table) -> None:
    """Give the stamps of a table with a history their names for people."""
    if table in RECORDED:
        for name, (_, title) in STAMPS.items():
            connection.run(bound(TITLE, table=table.name, column=name, title=title))


def create_stamps(connection: Connection, layer: ogr.Layer) -> None:
    """Add the columns by which a form says who edits; the triggers empty them again."""
    with driver_errors(connection.path):
        for name, (kind, _) in STAMPS.items():
            layer.CreateField(ogr.FieldDefn(name, OGR_TYPES[kind]))
        layer.SyncToDisk()


def new_geopackage(path: str) -> None:
    """An empty GeoPackage at ``path``, which must not exist."""
    driver = gdal.GetDriverByName("GPKG")
    dataset = driver.Create(path, 0, 0, 0, gdal.GDT_Unknown)
    del dataset
