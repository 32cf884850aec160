"""The monitoring database: schema, history and custody, in a GeoPackage."""
