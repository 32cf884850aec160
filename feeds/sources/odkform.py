"""The questions of an ODK form, from the metadata of its OData service."""

from __future__ import annotations

from xml.etree.ElementTree import Element

GEOMETRY = ("Edm.GeographyPoint", "Edm.GeographyLineString", "Edm.GeographyPolygon")
DEEPEST = 20


def questions_of(root: Element) -> dict[str, str]:
    """Path ("group/question") to type of each question that a submission itself holds.

    Repeats are tables of their own and are not among them. Empty where the document has no
    submissions.
    """
    complex_types: dict[str, Element] = {}
    submissions = None
    for schema in root.iter():
        if local(schema) != "Schema":
            continue
        for one in schema:
            name = one.get("Name", "")
            if local(one) == "ComplexType":
                complex_types[f"{schema.get('Namespace')}.{name}"] = one
            elif local(one) == "EntityType" and name == "Submissions":
                submissions = one
    found: dict[str, str] = {}
    if submissions is not None:
        collect(submissions, complex_types, "", found, 0)
    return found


def collect(element: Element, complex_types: dict, before: str, found: dict, depth: int) -> None:
    """Add the properties of one type under their paths."""
    if depth > DEEPEST:
        return
    for one in element:
        if local(one) != "Property":
            continue
        path, kind = f"{before}{one.get('Name')}", one.get("Type", "")
        within = complex_types.get(kind)
        if within is None:
            found[path] = kind
        else:
            collect(within, complex_types, f"{path}/", found, depth + 1)


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
