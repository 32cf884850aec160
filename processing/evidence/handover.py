"""The sheet that goes with evidence when it is handed over: a page to print and sign."""

from __future__ import annotations

from datetime import datetime, timezone
from html import escape
from typing import Callable, Sequence

from ...model.evidence import CustodyEvent, Evidence
from ...model.sensitivity import CONFIDENTIAL, level_of, strictest

STYLE = (
    "body{font-family:sans-serif;font-size:10pt;margin:2em}table{border-collapse:collapse;"
    "width:100%;margin-bottom:1.5em;page-break-inside:avoid}td,th{border:1px solid #888;"
    "padding:.25em .5em;text-align:left;vertical-align:top}th{width:11em;font-weight:normal;"
    "color:#444}.hash{font-family:monospace;word-break:break-all}.sign td{height:3em}"
)


def sheet(
    records: Sequence[Evidence],
    events: Sequence[CustodyEvent],
    settings: dict,
    moment_words: Callable[[datetime], str],
    tr: Callable[[str], str],
) -> str:
    """The page as HTML: what is handed over, each with its hash and custody, lines to sign.

    ``moment_words`` puts an aware datetime into the theatre's time. What is not known is said.
    """
    levels = [level_of("evidence", record.sensitivity) for record in records]
    level = strictest(levels) if levels else CONFIDENTIAL
    now = moment_words(datetime.now(timezone.utc))
    title = tr("Hand-over of evidence")
    head = [
        (tr("Theatre"), settings.get("theatre")),
        (tr("Ledger"), settings.get("ledger_id")),
        (tr("Made at"), now),
        (tr("Files"), str(len(records))),
        (tr("Sensitivity"), level),
    ]
    by_evidence: dict = {}
    for event in events:
        by_evidence.setdefault(event.evidence_id, []).append(event)
    parts = [f"<h1>{escape(title)}</h1>", _table(head, tr)]
    for record in records:
        done = by_evidence.get(record.evidence_id, [])
        parts.append(_record(record, done, moment_words, tr))
    parts.append(_signatures(tr))
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _record(record: Evidence, events, moment_words, tr) -> str:
    told = [
        (tr("Evidence"), record.evidence_id),
        (tr("File name"), record.file_name),
        (tr("Media type"), record.media_type),
        (tr("Size in bytes"), None if record.size_bytes is None else f"{record.size_bytes:,}"),
        (tr("Attached to"), " ".join(filter(None, (record.record_table, record.record_id)))),
        (tr("Taken at"), record.taken_at and moment_words(record.taken_at)),
        (tr("Collected at"), record.collected_at and moment_words(record.collected_at)),
        (tr("Collected where"), record.collected_where),
        (tr("Collected with"), record.tool),
        (tr("Description"), record.description),
        (tr("Sensitivity"), record.sensitivity),
    ]
    digest = f'<p class="hash">SHA-256 {escape(record.sha256 or "")}</p>'
    name = escape(record.file_name or record.evidence_id)
    return f"<h2>{name}</h2>{digest}{_table(told, tr)}{_custody(events, moment_words, tr)}"


def _custody(events, moment_words, tr) -> str:
    titles = (tr("At"), tr("Action"), tr("By"), tr("To"), tr("Place"), tr("Tool"), tr("Note"))
    rows = [
        (
            event.happened_at and moment_words(event.happened_at),
            event.action,
            event.by_whom,
            event.recipient,
            event.place,
            event.tool,
            event.note,
        )
        for event in events
    ]
    head = "".join(f"<td><b>{escape(title)}</b></td>" for title in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value or ''))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<h3>{escape(tr('Custody'))}</h3><table><tr>{head}</tr>{body}</table>"


def _signatures(tr) -> str:
    columns = (tr("Name"), tr("Function"), tr("Place, date and time"), tr("Signature"))
    head = "".join(f"<td>{escape(column)}</td>" for column in columns)
    blank = "<td></td>" * len(columns)
    lines = "".join(
        f'<tr class="sign"><th>{escape(who)}</th>{blank}</tr>'
        for who in (tr("Handed over by"), tr("Received by"))
    )
    return f"<table><tr><td></td>{head}</tr>{lines}</table>"


def _table(rows, tr) -> str:
    unknown = tr("not known")
    lines = "".join(
        f"<tr><th>{escape(title)}</th><td>{escape(str(value or unknown))}</td></tr>"
        for title, value in rows
    )
    return f"<table>{lines}</table>"
