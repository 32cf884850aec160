"""LEDGER as text: a GeoPackage's path, or ``connection/schema`` of a connection that QGIS knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Union

from qgis.core import QgsDataSourceUri, QgsMapLayer, QgsProviderRegistry, QgsVectorLayer

from ...ledger.postgis.place import PostgisPlace
from ...model.errors import CeasefireError
from ..ledgernotes import noted

FILE = ".gpkg"


def ledger_place(text: str) -> Union[str, PostgisPlace]:
    """Where the ledger lies that a user's text names: a path, or a place in a database.

    A text is ``connection/schema`` where QGIS knows a PostgreSQL connection of that name and there
    is no such file. The password comes from the connection, or from its entry among QGIS's
    authentication configurations; it is kept nowhere else.
    """
    text = (text or "").strip()
    found = _connection_and_schema(text)
    if found is None:
        return text
    name, schema = found
    return PostgisPlace(conninfo_of(name), schema, name)


def open_place(text: str, readonly: bool = False) -> Any:
    """Open the ledger that a user's text names; what it has to say is told, see ``noted``."""
    from ...ledger.opening import open_ledger

    return noted(open_ledger(ledger_place(text), readonly=readonly))


def is_in_database(text: str) -> bool:
    """Whether a user's text names a ledger in a database."""
    return _connection_and_schema((text or "").strip()) is not None


def conninfo_of(name: str) -> str:
    """libpq's connection text for a PostgreSQL connection of QGIS; with its secrets."""
    connection = _connections().get(name)
    if connection is None:
        known = ", ".join(sorted(_connections())) or "none yet"
        raise CeasefireError(
            f"There is no folder “{name}” here, and QGIS knows no PostgreSQL connection “{name}” "
            f"(it knows: {known}). For a file write its whole path, ending in .gpkg; for a team's "
            "ledger add the connection in the browser under PostgreSQL, or write its name as it "
            "stands there."
        )
    return QgsDataSourceUri(connection.uri()).connectionInfo(True)


def is_known_database(text: str) -> bool:
    """Whether a text is ``connection/schema`` with a connection that QGIS knows."""
    return (text or "").strip().rpartition("/")[0] in _connections()


def known_connections() -> list[str]:
    """The names of the PostgreSQL connections that QGIS knows."""
    return sorted(_connections())


def source_of(text: str, table: str, geometry: Optional[str]) -> tuple[str, str]:
    """The address of one table of a ledger and its provider, as QGIS opens them as a layer.

    ``geometry`` is the column of a team's table that has places on the map.
    """
    found = _connection_and_schema(text.strip())
    if found is None:
        return f"{text}|layername={table}", "ogr"
    name, schema = found
    # What opens the connection goes by its own rules: an authentication is named, not unfolded.
    conninfo_of(name)
    address = QgsDataSourceUri(_connections()[name].uri())
    address.setDataSource(schema, table, geometry or None, "", "fid")
    return address.uri(False), "postgres"


def ledger_and_table(layer: QgsMapLayer) -> Optional[tuple[str, str]]:
    """The ledger and the table that a layer shows; None where it shows no such thing.

    A layer of a database whose connection QGIS does not know is of no ledger.
    """
    provider = layer.providerType() if isinstance(layer, QgsVectorLayer) else ""
    if provider == "ogr":
        parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
        path, table = parts.get("path"), parts.get("layerName")
        return (path, table) if path and table else None
    if provider != "postgres":
        return None
    shown = QgsDataSourceUri(layer.source())
    for name, connection in sorted(_connections().items()):
        if _server(QgsDataSourceUri(connection.uri())) == _server(shown):
            return f"{name}/{shown.schema()}", shown.table()
    return None


def _server(address: QgsDataSourceUri) -> tuple[str, ...]:
    said = (address.service(), address.host(), address.port() or "5432", address.database())
    return (*said, address.username(), address.authConfigId())


def _connection_and_schema(text: str) -> Optional[tuple[str, str]]:
    if not text or text.lower().endswith(FILE) or "/" not in text or Path(text).exists():
        return None
    # A connection's name may have strokes in it, a schema seldom has.
    name, schema = text.rsplit("/", 1)
    if name in _connections():
        return name, schema
    # Only what cannot be a path speaks of a connection that is not there.
    if name and "/" not in name and "\\" not in name and schema and not Path(name).exists():
        return name, schema
    return None


def _connections() -> dict:
    provider = QgsProviderRegistry.instance().providerMetadata("postgres")
    return {} if provider is None else provider.connections(False)
