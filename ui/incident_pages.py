"""The pages beside the table that tell of an incident's past and of what stands beside it."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import quote

from qgis.PyQt.QtCore import QCoreApplication

from ..model.sensitivity import CONFIDENTIAL, is_observers, level_of
from ..model.tables import INCIDENTS
from ..model.vocabulary import label
from . import incident_words as words
from .incident_record import IncidentRecord
from .local_time import LocalTime

# The lists that hold the labels of codes.
LISTS = {
    "origin": "origins",
    "category": "categories",
    "phase": "phases",
    "circumstance": "circumstances",
    "count_qualifier": "count_qualifiers",
    "weapon": "weapon_types",
    "time_precision": "time_precisions",
    "span_is": "spans",
    "point_role": "point_roles",
    "uncertainty_kind": "uncertainty_kinds",
    "domain": "domains",
    "verification": "verifications",
    "workflow": "workflows",
    "sensitivity": "sensitivities",
    "reliability": "reliabilities",
    "credibility": "credibilities",
}
TITLES = {field.name: field.title for field in INCIDENTS.fields}
UNTOLD = ("incident_id", "revision", "recorded_at")
# What a restricted release leaves out of incidents: the words of a change do, too.
HELD_BACK = ("source_id", "source_url")
PLACE = ("longitude", "latitude")
OF_THE_POINT = (*PLACE, "uncertainty_m", "uncertainty_kind", "altitude_m")
INCIDENT_LINK, EVIDENCE_LINK, SHOW_LINK = "incident:", "evidence:", "show:confidential"


def tr(text: str) -> str:
    """A sentence in the user's language."""
    return QCoreApplication.translate("IncidentPages", text)


def sources(record: IncidentRecord) -> List[Tuple[str, str]]:
    """From whom it is known, as facts: title and words; empty words are not told."""
    incident = record.incident
    if incident is None:
        return []
    level = level_of("incidents", incident.sensitivity)
    means = sorted({label("means", item.means) for item in record.observations if item.means})
    seen = len(record.observations)
    observed = ""
    if seen:
        observed = tr("%1, by %2") if means else "%1"
        observed = observed.replace("%1", f"{seen:,}").replace("%2", ", ".join(means))
    return [
        (tr("Origin"), label("origins", incident.origin) or tr("not known")),
        (tr("Observations"), observed),
        (tr("Reliability of the source"), label("reliabilities", incident.reliability)),
        (tr("Credibility"), label("credibilities", incident.credibility)),
        (tr("Point is"), label("point_roles", incident.point_role)),
        (
            tr("Who may read it"),
            label("sensitivities", level),
        ),
    ]


def count(record: IncidentRecord, page: str) -> int:
    """How many a page tells of."""
    if page == "links":
        from ..analysis.link_graph import standing

        return len(standing(record.links))
    return len(getattr(record, page))


def revisions(record: IncidentRecord, clock: LocalTime, confidential: bool) -> str:
    """Every state, the latest first: when, who, why, and what changed field by field."""
    parts = []
    before: Dict[str, Any] = {}
    for revision in record.revisions:
        who = revision.who or tr("not signed")
        when = _moment(revision.recorded_at, clock)
        head = tr("Revision %1 · %2 · %3")
        head = head.replace("%1", str(revision.revision)).replace("%2", when).replace("%3", who)
        lines = [f"<p style='margin-bottom:0'><b>{escape(head)}</b></p>"]
        if revision.why:
            lines.append(f"<p style='margin:0'><i>{escape(revision.why)}</i></p>")
        if revision.conflict:
            conflict = tr("Somebody else had saved another state since this one was read.")
            lines.append(f"<p style='margin:0'>⚠ {escape(conflict)}</p>")
        if before:
            lines.append(_changes(before, revision.payload, clock, confidential))
        else:
            lines.append(f"<p style='margin:0'>{escape(tr('Recorded.'))}</p>")
        before = revision.payload
        parts.append("".join(lines))
    page = "".join(reversed(parts)) or _nothing(tr("The ledger keeps no history of it."))
    held = page.count(escape(_kept())) // 2
    return _held_back(held, tr("%1 confidential changes are not shown.")) + page


def links(record: IncidentRecord, incident_id: str) -> str:
    """The incidents that it is linked to, each read from its end, and the lead record."""
    from ..analysis.link_graph import relations_of, standing

    told = relations_of(incident_id, record.links)
    if not told:
        return _nothing(
            tr(
                "No other incident is linked to it. Select those that tell of one event and "
                "press K to link them."
            )
        )
    leads = {link.lead_id for link in standing(record.links) if link.lead_id}
    rows = []
    for relation, other in told:
        lead = f" · {escape(tr('lead record'))}" if other in leads else ""
        address = f"{INCIDENT_LINK}{quote(other)}"
        rows.append(
            f"<p style='margin-bottom:4px'>{escape(relation)} "
            f"<a href='{address}'>{escape(other)}</a>{lead}</p>"
        )
    if incident_id in leads:
        rows.append(f"<p>{escape(tr('This is the lead record.'))}</p>")
    return "".join(rows)


def evidence(record: IncidentRecord, clock: LocalTime, confidential: bool) -> str:
    """The files that are attached; confidential ones are told of once that is asked for."""
    if not record.evidence:
        return _nothing(
            tr("Nothing is attached to it; “Add evidence” in the Processing Toolbox does so.")
        )
    shown, held = [], 0
    for item in record.evidence:
        if level_of("evidence", item.sensitivity) == CONFIDENTIAL and not confidential:
            held += 1
            continue
        address = f"{EVIDENCE_LINK}{quote(item.evidence_id)}"
        facts = [
            label("evidence_kinds", item.kind),
            _size(item.size_bytes),
            tr("encrypted") if item.encrypted else "",
            _moment(item.taken_at, clock) if item.taken_at else "",
        ]
        shown.append(
            f"<p style='margin-bottom:0'><b>{escape(item.file_name or item.evidence_id)}</b> "
            f"<a href='{address}'>{escape(tr('Take out…'))}</a></p>"
            f"<p style='margin-top:0'>{escape(' · '.join(fact for fact in facts if fact))}"
            f"<br>{escape(item.description or '')}</p>"
        )
    return _held_back(held, tr("%1 confidential files are not shown.")) + "".join(shown)


def findings(record: IncidentRecord) -> str:
    """What holding it against each clause gave, by clause."""
    if not record.findings:
        return _nothing(
            tr(
                "It has not been held against an agreement's clauses; “Check rules” in the "
                "Processing Toolbox does so."
            )
        )
    ordered = sorted(
        record.findings, key=lambda item: (item.agreement_id or "", item.clause or "", item.rule)
    )
    parts = []
    for item in ordered:
        clause = tr("%1, clause %2") if item.clause else "%1"
        head = clause.replace("%1", item.agreement_id or "").replace("%2", item.clause or "")
        verdict = label("verdicts", item.verdict)
        if item.probability is not None:
            verdict += f" ({100 * item.probability:.0f} %)"
        old = ""
        if item.incident_revision is not None and record.content_changed_since(
            item.incident_revision
        ):
            sentence = tr("The incident was revised since; check the rules again.")
            old = f"<p style='margin:0'>⚠ {escape(sentence)}</p>"
        parts.append(
            f"<p style='margin-bottom:0'><b>{escape(head)}</b> · {escape(verdict)}</p>{old}"
            f"<p style='margin-top:0'>{escape(item.finding or '')}</p>"
        )
    return "".join(parts)


def _changes(before: Dict, after: Dict, clock: LocalTime, confidential: bool) -> str:
    rows = "".join(
        f"<p style='margin:0'>{escape(title)}: {escape(old)} → <b>{escape(new)}</b></p>"
        for title, old, new in _differences(before, after, clock, confidential)
    )
    unchanged = tr("Nothing changed but the signature.")
    return rows or f"<p style='margin:0'>{escape(unchanged)}</p>"


def _differences(
    before: Dict, after: Dict, clock: LocalTime, confidential: bool
) -> Iterator[Tuple[str, str, str]]:
    """Title, former and new value of each field that changed, in words."""
    observers = any(is_observers(state.get("point_role")) for state in (before, after))
    hidden = () if confidential else HELD_BACK + (OF_THE_POINT if observers else ())
    kept = _kept()
    if any(before.get(name) != after.get(name) for name in PLACE):
        told = (kept, kept) if PLACE[0] in hidden else (_point(before), _point(after))
        yield (tr("Place on the map"), *told)
    for name, title in TITLES.items():
        old, new = before.get(name), after.get(name)
        if name in UNTOLD or name in PLACE or old == new:
            continue
        if name in hidden:
            yield title, kept, kept
        else:
            yield title, _value(name, old, clock), _value(name, new, clock)


def _value(name: str, value: Any, clock: LocalTime) -> str:
    if value is None or value == "":
        return tr("not known")
    if isinstance(value, datetime):
        return _moment(value, clock)
    if name == "uncertainty_m":
        return words.distance(value)
    return label(LISTS[name], value) if name in LISTS else str(value)


def _point(state: Dict) -> str:
    longitude, latitude = (state.get(name) for name in PLACE)
    if longitude is None or latitude is None:
        return tr("not located")
    return f"{latitude:.5f}, {longitude:.5f}"


def _moment(moment: Optional[datetime], clock: LocalTime) -> str:
    return tr("time not known") if moment is None else clock.text(moment.timestamp())


def _size(size: Optional[int]) -> str:
    if size is None:
        return ""
    if size < 1_000_000:
        return tr("%1 kB").replace("%1", f"{max(1, round(size / 1000)):,}")
    return tr("%1 MB").replace("%1", f"{size / 1_000_000:,.1f}")


def _kept() -> str:
    return tr("(confidential)")


def _held_back(count: int, sentence: str) -> str:
    if not count:
        return ""
    text = escape(sentence.replace("%1", f"{count:,}"))
    return f"<p>{text} <a href='{SHOW_LINK}'>{escape(tr('Show'))}</a></p>"


def _nothing(sentence: str) -> str:
    return f"<p style='color:gray'>{escape(sentence)}</p>"
