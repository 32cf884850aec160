"""Writing to a ledger as another program would: through GDAL's SQL, past our own code."""

from __future__ import annotations

from osgeo import gdal


def run(path, *statements):
    """Run statements in one connection; returns what went wrong, or None."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    try:
        for statement in statements:
            gdal.ErrorReset()
            result = dataset.ExecuteSQL(statement)
            if gdal.GetLastErrorType() >= gdal.CE_Failure:
                return gdal.GetLastErrorMsg()
            if result is not None:
                dataset.ReleaseResultSet(result)
    finally:
        del dataset
        gdal.PopErrorHandler()
    return None


def rows(path, query):
    """The rows of a query, as tuples."""
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    result = dataset.ExecuteSQL(query)
    columns = range(result.GetLayerDefn().GetFieldCount())
    found = [tuple(row.GetField(index) for index in columns) for row in result]
    dataset.ReleaseResultSet(result)
    return found
