"""The pieces of QGIS's QML, as text: elements, settings, containers of a form, the document."""

from __future__ import annotations

from html import escape
from typing import Any, Callable, Iterable, Optional

from ..model.field import Field

Said = dict[str, str]


def tag(name: str, inside: str, said: Optional[Said] = None) -> str:
    """An element; ``inside`` is QML already, the attributes' values are plain text."""
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in (said or {}).items())
    if not inside:
        return f"<{name}{attributes}/>"
    return f"<{name}{attributes}>{inside}</{name}>"


def option(name: Optional[str], value: Any) -> str:
    """A setting as QGIS writes it: maps, lists of pairs, numbers, words, yes or no."""
    said = {} if name is None else {"name": name}
    if isinstance(value, dict):
        inside = "".join(option(key, item) for key, item in value.items())
        return tag("Option", inside, {**said, "type": "Map"})
    if isinstance(value, list):
        pairs = "".join(option(None, dict([pair])) for pair in value)
        return tag("Option", pairs, {**said, "type": "List"})
    kind = {bool: "bool", int: "int"}.get(type(value), "QString")
    written = str(value).lower() if kind == "bool" else str(value)
    return tag("Option", "", {**said, "type": kind, "value": written})


def each(name: str, fields: Iterable[Field], made: Callable[[Field], tuple[str, Said]]) -> str:
    """One element a field, each with the field's name and what ``made`` says of it."""
    inside = []
    for field in fields:
        element, said = made(field)
        inside.append(tag(element, "", {"field": field.name, **said}))
    return tag(name, "".join(inside))


def container(kind: str, title: str, inside: str, visible: Optional[str] = None) -> str:
    """A tab, a box or a row of a form, shown where the expression ``visible`` holds."""
    said = {
        "type": kind,
        "name": title,
        "columnCount": "1",
        "groupBox": str(int(kind == "GroupBox")),
        "showLabel": "1",
        "collapsed": "0",
        "visibilityExpressionEnabled": str(int(visible is not None)),
        "visibilityExpression": visible or "",
    }
    return tag("attributeEditorContainer", inside, said)


def fields_shown(names: Iterable[str]) -> str:
    """Fields as a form shows them, one below the other."""
    return "".join(f'<attributeEditorField name="{name}" showLabel="1"/>' for name in names)


def document(parts: Iterable[str], read_only: bool) -> str:
    """The whole style; a layer that is ``read_only`` cannot be edited in QGIS."""
    text = "".join(parts)
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">'
        f'<qgis version="3.40.0" readOnly="{int(read_only)}" labelsEnabled="0" '
        'styleCategories="LayerConfiguration|Symbology|Labeling|Fields|Forms|AttributeTable|'
        f'Relations">{text}</qgis>'
    )
