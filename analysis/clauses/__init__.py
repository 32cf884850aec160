"""Contact line, location, flags and statistics: columns in, columns out, without QGIS."""
