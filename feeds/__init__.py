"""Sources of incidents: reading their files and replies into the model, without QGIS."""
