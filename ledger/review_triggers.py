"""Triggers that refuse what a review may not do, whoever writes and with what.

``review_trigger_statements()`` gives one SQL statement each, made from the vocabularies' ``next``.
Codes that the lists do not have may be set, and are left to where the last code of the list that
the record had could go: they are no bridge. What a feed brings (``fetch_id`` is set) is the feed's
own word and not held against the steps of a review.
"""

from __future__ import annotations

from string import Template
from typing import Iterable, Iterator

from ..model.field import Table
from ..model.review import (
    BEGINNINGS,
    CONFIRMING,
    NO_CONTENT,
    VOCABULARIES,
    refused_followers,
    transition_refusal,
)
from ..model.tables import HARM, INCIDENTS, WEAPON_SIGHTINGS
from ..model.vocabulary import vocabulary
from .folded_names import folded_sql
from .own_tables import INCIDENT_HISTORY, RECORD_HISTORY
from .payload import difference_sql
from .record_triggers import SIGNED_WITHIN

REVIEWED = (INCIDENTS, HARM, WEAPON_SIGHTINGS)
NOT_A_FEED = "NOT EXISTS (SELECT 1 FROM ledger_session WHERE fetch_id IS NOT NULL)"
_IN_SESSION = "EXISTS (SELECT 1 FROM ledger_session WHERE id = 1)"
_SIGNED = "CASE WHEN {here} THEN (SELECT {one} FROM ledger_session WHERE id = 1) ELSE {other} END"
SIGNED_WHO = _SIGNED.format(here=_IN_SESSION, one="who", other="NEW.edited_by")
SIGNED_WHY = _SIGNED.format(here=_IN_SESSION, one="why", other="NEW.edit_reason")
NO_REASON = f"{folded_sql(SIGNED_WHY)} IS NULL"
_BLANKS = "' ' || char(9, 10, 13, 160)"
NOBODY = f"coalesce(trim({SIGNED_WHO}, {_BLANKS}), '') = ''"
FOUR_EYES_ON = "(SELECT trim(lower(value)) FROM settings WHERE key = 'four_eyes') = 'yes'"

_STEPS = Template(
    """CREATE TRIGGER "${table}_${field}_steps" BEFORE UPDATE OF "$field" ON "$table"
    WHEN coalesce(OLD."$field", '$beginning') <> coalesce(NEW."$field", '$beginning')
        AND $not_a_feed
    BEGIN $refusals END"""
)
_REFUSE = Template("SELECT RAISE(ABORT, 'Ledger: $sentence') WHERE $when;")
_WITH_REASON = Template(
    """CREATE TRIGGER "incidents_${name}_with_reason" BEFORE UPDATE OF workflow ON incidents
    WHEN $step AND $not_a_feed AND $no_reason
    BEGIN SELECT RAISE(ABORT, 'Ledger: an incident $words only with a reason; use “Review incidents” or fill in the reason of the edit.'); END"""  # noqa: E501 - a sentence within SQL stays in one piece
)
_REASONS = {
    "withdrawn": (
        "NEW.workflow = 'withdrawn' AND coalesce(OLD.workflow, '') <> 'withdrawn'",
        "is withdrawn",
    ),
    "reinstated": (
        "OLD.workflow = 'withdrawn' AND coalesce(NEW.workflow, '') <> 'withdrawn'",
        "that was withdrawn comes back",
    ),
}
_FOUR_EYES = Template(
    """CREATE TRIGGER "incidents_four_eyes" BEFORE UPDATE OF verification, workflow ON incidents
    WHEN ($confirms) AND $not_a_feed AND $is_on
    BEGIN
    SELECT RAISE(ABORT, 'Ledger: the four-eyes rule is on and nobody signed this edit; use “Review incidents” and say who reviews.')
        WHERE $nobody;
    SELECT RAISE(ABORT, 'Ledger: the four-eyes rule is on, and this edit changes an incident and confirms it at once; save the change alone, and let another person confirm it.')
        WHERE $differs OR $just_moved;
    SELECT RAISE(ABORT, 'Ledger: the four-eyes rule is on, and who recorded an incident or last changed it does not confirm it; another person has to.')
        WHERE $who IN ($first, $last);
    END"""  # noqa: E501 - a sentence within SQL stays in one piece
)
_FOUR_EYES_NEW = Template(
    """CREATE TRIGGER "incidents_four_eyes_new" BEFORE INSERT ON incidents
    WHEN ($confirmed) AND $not_a_feed AND $is_on
    BEGIN SELECT RAISE(ABORT, 'Ledger: the four-eyes rule is on, and who records an incident does not confirm it; record it first, and let another person confirm it.'); END"""  # noqa: E501 - a sentence within SQL stays in one piece
)
# A form sends a place before the values that sign it: what moved just now and bears no name is of
# this same edit.
_JUST_MOVED = f"""(NOT {_IN_SESSION} AND EXISTS (SELECT 1 FROM incident_history AS latest
        WHERE latest.incident_id = OLD.incident_id AND latest.operation = 'update'
            AND latest.who IS NULL AND latest.with_what IS NULL AND latest.fetch_id IS NULL
            AND latest.revision = (SELECT max(revision) FROM incident_history AS any_one
                WHERE any_one.incident_id = OLD.incident_id)
            AND latest.recorded_at >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{SIGNED_WITHIN}')
            AND latest.history_id > coalesce((SELECT max(history_id) FROM chain
                WHERE history = 'incident_history'), 0)))"""  # nosec B608 - a constant of ours
_NOT_ITSELF = Template(
    """CREATE TRIGGER "links_not_itself_$event" BEFORE $event ON links
    WHEN NEW.incident_id = NEW.other_id
    BEGIN SELECT RAISE(ABORT, 'Ledger: an incident is not linked to itself; choose another one.'); END"""  # noqa: E501 - a sentence within SQL stays in one piece
)
_FIRST = "(SELECT who FROM incident_history WHERE incident_id = OLD.incident_id AND revision = 1)"
_LAST = Template(
    """(SELECT state.who FROM incident_history AS state
        LEFT JOIN incident_history AS before ON before.incident_id = state.incident_id
            AND before.revision = state.revision - 1
        WHERE state.incident_id = OLD.incident_id AND (before.revision IS NULL
            OR json_remove(state.payload, $paths) IS NOT json_remove(before.payload, $paths))
        ORDER BY state.revision DESC LIMIT 1)"""
)


def review_trigger_statements(four_eyes: bool = True) -> Iterator[str]:
    """The triggers of review, one SQL statement each.

    They need the columns ``edited_by`` and ``edit_reason`` of incidents. ``four_eyes``: also the
    one that holds the setting ``four_eyes``.
    """
    for table in REVIEWED:
        for field in BEGINNINGS:
            if field in table.names():
                yield _steps(table, field)
    for event in ("INSERT", "UPDATE"):
        yield _NOT_ITSELF.substitute(event=event)
    for name, (step, words) in _REASONS.items():
        yield _WITH_REASON.substitute(
            name=name, step=step, words=words, not_a_feed=NOT_A_FEED, no_reason=NO_REASON
        )
    if four_eyes:
        yield _four_eyes()
        yield _four_eyes_new()


def _steps(table: Table, field: str) -> str:
    stood = _stood(table, field)
    refusals = []
    for code in vocabulary(VOCABULARIES[field]):
        refused = refused_followers(field, code)
        if refused:
            when = (
                f"coalesce(NEW.\"{field}\", '{BEGINNINGS[field]}') IN ({_listed(refused)}) "
                f"AND {stood} = {_text(code)}"
            )
            sentence = transition_refusal(field, code).replace("'", "''")
            refusals.append(_REFUSE.substitute(sentence=sentence, when=when))
    return _STEPS.substitute(
        table=table.name,
        field=field,
        beginning=BEGINNINGS[field],
        not_a_feed=NOT_A_FEED,
        refusals="\n".join(refusals) or "SELECT 1;",
    )


def _stood(table: Table, field: str) -> str:
    """The code that a record is at; of one that the list has not, the last listed one before it."""
    codes, beginning = _listed(vocabulary(VOCABULARIES[field])), f"'{BEGINNINGS[field]}'"
    history, record = INCIDENT_HISTORY, "past.incident_id"
    if table is not INCIDENTS:
        history, record = RECORD_HISTORY, f"past.table_name = '{table.name}' AND past.record_id"
    before = f"coalesce(json_extract(past.payload, '$.{field}'), {beginning})"
    now = f'coalesce(OLD."{field}", {beginning})'
    return f"""CASE WHEN {now} IN ({codes}) THEN {now} ELSE coalesce((SELECT {before}
        FROM {history} AS past WHERE {record} = OLD."{table.key}" AND {before} IN ({codes})
        ORDER BY past.revision DESC LIMIT 1), {beginning}) END"""  # nosec B608 - names of ours


def _four_eyes() -> str:
    confirms = " OR ".join(
        f"(NEW.{field} IS NOT OLD.{field} AND NEW.{field} IN ({_listed(codes)}))"
        for field, codes in CONFIRMING.items()
    )
    paths = ", ".join(f"'$.{name}'" for name in NO_CONTENT)
    content = tuple(field for field in INCIDENTS.fields if field.name not in NO_CONTENT)
    return _FOUR_EYES.substitute(
        confirms=confirms,
        not_a_feed=NOT_A_FEED,
        is_on=FOUR_EYES_ON,
        nobody=NOBODY,
        who=folded_sql(SIGNED_WHO),
        differs=difference_sql(INCIDENTS, content),
        just_moved=_JUST_MOVED,
        first=folded_sql(_FIRST),
        last=folded_sql(_LAST.substitute(paths=paths)),
    )


def _four_eyes_new() -> str:
    confirmed = " OR ".join(
        f"NEW.{field} IN ({_listed(codes)})" for field, codes in CONFIRMING.items()
    )
    return _FOUR_EYES_NEW.substitute(confirmed=confirmed, not_a_feed=NOT_A_FEED, is_on=FOUR_EYES_ON)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(map(_text, codes))


def _text(code: str) -> str:
    return "'" + code.replace("'", "''") + "'"
