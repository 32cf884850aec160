"""The ledger as a schema of PostgreSQL with PostGIS, shared by a team."""
