"""The part of a brief that QGIS draws: map layers, layouts, tables on pages, PDF."""
