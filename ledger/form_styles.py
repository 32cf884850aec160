"""The style of each table of a ledger, as QGIS's QML: names, forms, relations and symbols.

Written as text from the model and its vocabularies, so that they stay one with it; symbols come
from ``resources/styles`` and `plain_symbols`. Read by QGIS 3.40 and later.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path
from string import Template
from typing import Iterable, Optional

from ..model.field import Field, Kind, Shape, Table
from ..model.tables import FINDINGS, INCIDENTS
from .form_fields import RULES, Widget, widget_of
from .form_layout import (
    LAYERS,
    RELATIONS,
    SHOWN_ONLY,
    Relation,
    Tab,
    is_signed,
    read_only_fields,
    tabs_of,
)
from .own_tables import COPIES, CURRENT_FINDINGS, HEADS, INCIDENT_HISTORY, RECORD_HISTORY, TITLES
from .plain_symbols import plain_symbol
from .qml import container, document, each, fields_shown, option, tag
from .record_triggers import STAMPS

SYMBOLS = Path(__file__).resolve().parent.parent / "resources" / "styles"
# What the trigger empties is NULL in the file: what stands in the edit buffer was put there since.
# Naming all attributes has an open form reckon it anew at each change, from what it had read.
SIGNED_BY = (
    "with_variable('any', attributes(), coalesce(nullif(trim(\"edited_by\"), ''), "
    "nullif(trim(@ceasefire_user), ''), nullif(trim(@user_full_name), '')))"
)
# A form for many records at once would send one record's revision for all: there it is not said.
READ_REVISION = (
    "with_variable('any', attributes(), "
    'if(num_selected() > 1, NULL, coalesce("edit_base", "revision")))'
)
STAMP_TITLES = {
    "edited_by": "Signed by",
    "edit_reason": "Reason for this edit",
    "edit_base": "Revision that was read",
}
SHOWN_AS = {
    "incidents": "\"incident_id\" || coalesce(' · ' || \"place\", '')",
    "posts": 'coalesce("name", "post_id")',
    "sites": 'coalesce("site_name", "site_id")',
    "zones": 'coalesce("zone_name", "zone_id")',
    "contact_lines": 'coalesce("line_name", "line_id")',
    "storage_sites": 'coalesce("site_name", "site_id")',
    "incident_history": "\"revision\" || coalesce(' · ' || \"who\", '')",
}
# The ledger's own tables that have a style; only triggers and our code write them.
OWN_STYLES = (INCIDENT_HISTORY, RECORD_HISTORY, HEADS, COPIES, CURRENT_FINDINGS)
# Columns of a table, in pixels; the others are as wide as QGIS makes them.
WIDTHS = {Kind.INSTANT: 150}
BUTTONS = "SaveChildEdits|AddChildFeature|ZoomToChildFeature"
_GEOMETRY_TYPES = {Shape.POINT: 0, Shape.LINE: 1, Shape.AREA: 2}
_IS_RELATED = Template("try(relation_aggregate('$name', 'count', 1) IS NOT NULL, false)")
_BETWEEN = re.compile(r">\s+<")


def style_of(name: str, file_name: Optional[str] = "ledger") -> str:
    """The QML of one table of the ledger; its symbols too where it has a place on the map.

    ``file_name`` is the ledger's, without its ending; None leaves the relations out, where a
    project holds them. Raises KeyError where there is no style.
    """
    if name == CURRENT_FINDINGS:
        return _style_of_layer(replace(FINDINGS, name=name), file_name)
    if name in LAYERS:
        return _style_of_layer(LAYERS[name], file_name)
    return _style_of_own(name, TITLES[name])


def _style_of_layer(table: Table, file_name: Optional[str]) -> str:
    key = (table.key,) if table.key else ()
    fields = [Field("fid", Kind.INTEGER, "Row"), *table.fields]
    stamps = [Field(name, STAMPS[name][0], STAMP_TITLES[name]) for name in STAMPS]
    fields += stamps if is_signed(table) else []
    hidden = {"fid", *STAMPS}
    parts = [
        _symbols(table),
        "" if file_name is None else _relations(table.name, file_name),
        _widgets(table, fields),
        each("aliases", fields, lambda field: ("alias", {"name": field.title})),
        _policies("splitPolicies", fields, key, "DefaultValue"),
        _policies("duplicatePolicies", fields, (*key, *STAMPS), "UnsetField"),
        _defaults(table, fields),
        _rules(fields),
        _columns(fields, hidden),
        _form(table),
        tag("editable", "".join(_not_editable(table))),
        tag("previewExpression", escape(SHOWN_AS.get(table.name, f'"{table.key}"'))),
    ]
    return document(parts, read_only=not is_signed(table))


def _style_of_own(name: str, titles: dict[str, str]) -> str:
    """Tables that only triggers write: names, long texts, and no editing."""
    fields = [Field(column, Kind.TEXT, title) for column, title in titles.items()]
    layout = [f'<attributeEditorField name="{field.name}" showLabel="1"/>' for field in fields]
    parts = [
        each("aliases", fields, lambda field: ("alias", {"name": field.title})),
        tag("editorlayout", "tablayout"),
        tag("attributeEditorForm", container("Tab", name, "".join(layout))),
    ]
    if name in SHOWN_AS:
        parts.append(tag("previewExpression", escape(SHOWN_AS[name])))
    return document(parts, read_only=True)


def _symbols(table: Table) -> str:
    if table.shape is Shape.NONE:
        return ""
    path = SYMBOLS / f"{table.name}.qml"
    if not path.is_file():
        return plain_symbol(table.name) + _geometry_type(table)
    text = path.read_text(encoding="utf-8")
    body = text[text.index(">", text.index("<qgis ")) + 1 : text.rindex("</qgis>")]
    return _BETWEEN.sub("><", body).strip()


def _geometry_type(table: Table) -> str:
    return tag("layerGeometryType", str(_GEOMETRY_TYPES[table.shape]))


def _relations(name: str, file_name: str) -> str:
    """The relations of which this table is the parent, found by the names of the layers.

    QGIS names a layer after its table, or after file and table. Relations told of a child would
    have QGIS warn where the parent has the other name.
    """
    children = "".join(
        _relation(relation, layer_name)
        for relation in RELATIONS
        if relation.parent == name
        for layer_name in (relation.child, f"{file_name} — {relation.child}")
    )
    return tag("referencingLayers", children)


def _relation(relation: Relation, layer_name: str) -> str:
    said = {
        "id": relation.name,
        "name": relation.name,
        "strength": "Association",
        "layerId": "",
        "layerName": layer_name,
        "dataSource": f"./ledger.gpkg|layername={relation.child}",
        "providerKey": "ogr",
    }
    pair = f'<fieldRef referencingField="{relation.field}" referencedField="{relation.key}"/>'
    return tag("relation", pair, said)


def _widgets(table: Table, fields: list[Field]) -> str:
    return tag("fieldConfiguration", "".join(_widget(table, field) for field in fields))


def _widget(table: Table, field: Field) -> str:
    flags = {"name": field.name, "configurationFlags": "NoFlag"}
    widget = Widget("Hidden", {}) if field.name == "fid" else widget_of(table, field)
    config = tag("config", option(None, widget.settings))
    return tag("field", tag("editWidget", config, {"type": widget.kind}), flags)


def _policies(name: str, fields: list[Field], unset: Iterable[str], policy: str) -> str:
    """What becomes of the values of a feature that is split or duplicated."""
    return each(
        name,
        fields,
        lambda field: ("policy", {"policy": policy if field.name in unset else "Duplicate"}),
    )


def _defaults(table: Table, fields: list[Field]) -> str:
    """Stamps are set anew at every edit."""
    if not is_signed(table):
        return ""
    at_each_edit = {"edited_by": SIGNED_BY}
    if table is INCIDENTS:
        at_each_edit["edit_base"] = READ_REVISION
    return each(
        "defaults",
        [field for field in fields if field.name in at_each_edit],
        lambda field: (
            "default",
            {"expression": at_each_edit[field.name], "applyOnUpdate": "1"},
        ),
    )


def _rules(fields: list[Field]) -> str:
    """Soft constraints: the form says what is odd, and lets it be saved."""
    ruled = [field for field in fields if field.name in RULES]
    strengths = {
        "constraints": "4",
        "exp_strength": "2",
        "notnull_strength": "0",
        "unique_strength": "0",
    }
    return each("constraints", ruled, lambda field: ("constraint", strengths)) + each(
        "constraintExpressions",
        ruled,
        lambda field: (
            "constraint",
            {"exp": RULES[field.name].expression, "desc": RULES[field.name].words},
        ),
    )


def _columns(fields: list[Field], hidden: set[str]) -> str:
    columns = "".join(
        f'<column type="field" name="{field.name}" hidden="{int(field.name in hidden)}" '
        f'width="{WIDTHS.get(field.kind, -1)}"/>'
        for field in fields
    )
    said = {"actionWidgetStyle": "dropDown", "sortExpression": "", "sortOrder": "0"}
    return tag("attributetableconfig", tag("columns", columns), said)


def _form(table: Table) -> str:
    """The tabs; below them, whichever is open, why and by whom this edit is."""
    first, *others = tabs_of(table)
    read = container("GroupBox", "Read", fields_shown(("edit_base",)), "false")
    tabs = [_tab(first, read if table is INCIDENTS else "")] + [_tab(tab) for tab in others]
    if is_signed(table):
        tabs.append(container("Row", "This edit", fields_shown(("edit_reason", "edited_by"))))
    return tag("editorlayout", "tablayout") + tag("attributeEditorForm", "".join(tabs))


def _tab(tab: Tab, below: str = "") -> str:
    """One tab; what QGIS has no relation for is not shown."""
    there = [_IS_RELATED.substitute(name=name) for name in tab.relations]
    related = "".join(
        container("GroupBox", _title_of(name), _related(name), visible)
        for name, visible in zip(tab.relations, there)
    )
    visible = None if tab.fields else " OR ".join(there)
    return container("Tab", tab.title, fields_shown(tab.fields) + related + below, visible)


def _title_of(name: str) -> str:
    relation = _relation_named(name)
    if relation.field == "other_id":
        return "Links from other incidents"
    return LAYERS[relation.child].title if relation.child in LAYERS else "States it has had"


def _relation_named(name: str) -> Relation:
    return next(relation for relation in RELATIONS if relation.name == name)


def _related(name: str) -> str:
    buttons = "ZoomToChildFeature" if _relation_named(name).child in SHOWN_ONLY else BUTTONS
    config = option("", {"buttons": buttons, "show_first_feature": False})
    config = config.replace("<Option ", "<editor_configuration ", 1)
    config = config[: config.rindex("</Option>")] + "</editor_configuration>"
    said = {
        "name": name,
        "relation": name,
        "label": "",
        "showLabel": "0",
        "relationWidgetTypeId": "relation_editor",
        "nmRelationId": "",
        "forceSuppressFormPopup": "0",
    }
    return tag("attributeEditorRelation", config, said)


def _not_editable(table: Table) -> Iterable[str]:
    for name in read_only_fields(table):
        yield f'<field name="{name}" editable="0"/>'
