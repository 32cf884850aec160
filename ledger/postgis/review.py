"""What a review may not do, held in PostgreSQL too; the same vocabularies as for a GeoPackage.

The four-eyes rule is held against the role that logged in, which nobody can choose.
"""

from __future__ import annotations

from ...model.field import Table
from ...model.review import (
    BEGINNINGS,
    CONFIRMING,
    NO_CONTENT,
    VOCABULARIES,
    refused_followers,
    transition_refusal,
)
from ...model.tables import HARM, INCIDENTS, WEAPON_SIGHTINGS
from ...model.vocabulary import vocabulary

REVIEWED = (INCIDENTS, HARM, WEAPON_SIGHTINGS)
_UNSEEN = r"[\s\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]+"
_SIGNED = "coalesce(nullif(current_setting('ceasefire.{setting}', true), ''), NEW.{stamp})"
_WHO = _SIGNED.format(setting="who", stamp="edited_by")
_WHY = _SIGNED.format(setting="why", stamp="edit_reason")
_NOT_A_FEED = "coalesce(current_setting('ceasefire.fetch_id', true), '') = ''"
_RULE_IS_ON = """EXISTS (SELECT 1 FROM {s}.settings
            WHERE key = 'four_eyes' AND lower(trim(value)) = 'yes')"""
_STEP_WITH_REASON = """IF {step} AND {no_reason}
        THEN RAISE EXCEPTION 'Ledger: an incident {words} only with a reason; use “Review incidents” or fill in the reason of the edit.';
        END IF;"""  # noqa: E501 - a sentence within SQL stays in one piece
_REASONS = (
    (
        "NEW.workflow = 'withdrawn' AND coalesce(OLD.workflow, '') <> 'withdrawn'",
        "is withdrawn",
    ),
    (
        "OLD.workflow = 'withdrawn' AND coalesce(NEW.workflow, '') <> 'withdrawn'",
        "that was withdrawn comes back",
    ),
)
_FOUR_EYES = """IF ({confirms}) AND {is_on} THEN
            IF {changed} THEN RAISE EXCEPTION 'Ledger: the four-eyes rule is on, and this edit changes an incident and confirms it at once; save the change alone, and let another person confirm it.';
            END IF;
            IF {{s}}.wrote_it(OLD.incident_id, {who}) THEN RAISE EXCEPTION 'Ledger: the four-eyes rule is on, and who recorded an incident or last changed it does not confirm it; another person has to.';
            END IF;
        END IF;"""  # noqa: E501 - a sentence within SQL stays in one piece
_FOUR_EYES_NEW = """IF ({confirmed}) AND {not_a_feed} AND {is_on}
        THEN RAISE EXCEPTION 'Ledger: the four-eyes rule is on, and who records an incident does not confirm it; record it first, and let another person confirm it.';
        END IF;"""  # noqa: E501 - a sentence within SQL stays in one piece


def review_checks(table: Table) -> str:
    """The part of a table's trigger that refuses steps which a review may not take."""
    if table not in REVIEWED:
        return ""
    checks = [_steps(table, field) for field in BEGINNINGS if field in table.names()]
    if table is INCIDENTS:
        checks.append(_four_eyes())
        no_reason = f"{_folded(_WHY)} = ''"
        checks += [
            _STEP_WITH_REASON.format(step=step, no_reason=no_reason, words=words)
            for step, words in _REASONS
        ]
    return f"IF {_NOT_A_FEED} THEN\n" + "\n".join(checks) + "\nEND IF;"


def review_checks_of_new(table: Table) -> str:
    """The part of a table's trigger that refuses new rows which a review may not make."""
    if table is not INCIDENTS:
        return ""
    confirmed = " OR ".join(
        f"NEW.{field} IN ({', '.join(map(_text, codes))})" for field, codes in CONFIRMING.items()
    )
    return _FOUR_EYES_NEW.format(confirmed=confirmed, not_a_feed=_NOT_A_FEED, is_on=_RULE_IS_ON)


def who_wrote_statement() -> str:
    """The function that says whether a role, or a name, recorded an incident or last changed it."""
    content = " ".join(f"- '{name}'" for name in NO_CONTENT)
    return f"""CREATE FUNCTION {{s}}.wrote_it(id text, given text) RETURNS boolean LANGUAGE sql
    STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    WITH states AS (
        SELECT revision, who, with_what, payload::jsonb {content} AS content,
            lag(payload::jsonb {content}) OVER (ORDER BY revision) AS before
        FROM (SELECT revision, who, with_what, payload FROM {{s}}.incident_history
            WHERE incident_id = id
            UNION ALL SELECT revision, who, with_what, payload FROM {{s}}.pending
            WHERE history = 'incident_history' AND record_id = id) AS known),
    authors AS (
        (SELECT who, with_what FROM states ORDER BY revision LIMIT 1) UNION
        (SELECT who, with_what FROM states WHERE before IS DISTINCT FROM content
            ORDER BY revision DESC LIMIT 1))
    SELECT EXISTS (SELECT 1 FROM authors WHERE
        right(with_what, length(session_user) + 4) = ' as ' || session_user
        OR nullif({_folded("who")}, '') = {_folded("given")}) $body$"""  # nosec B608 - names of ours


def _four_eyes() -> str:
    content = " ".join(f"- '{name}'" for name in NO_CONTENT)
    changed = " IS DISTINCT FROM ".join(
        f"({{s}}.payload_of({row})::jsonb {content})" for row in ("OLD", "NEW")
    )
    return _FOUR_EYES.format(confirms=_confirms(), is_on=_RULE_IS_ON, changed=changed, who=_WHO)


def _steps(table: Table, field: str) -> str:
    new, stood = f"coalesce(NEW.\"{field}\", '{BEGINNINGS[field]}')", _stood(table, field)
    lines = []
    for code in vocabulary(VOCABULARIES[field]):
        refused = refused_followers(field, code)
        if refused:
            among = ", ".join(_text(other) for other in refused)
            sentence = _text("Ledger: " + transition_refusal(field, code).replace("%", "%%"))
            lines.append(
                f"IF {new} IN ({among}) AND {stood} = {_text(code)} THEN "
                f"RAISE EXCEPTION {sentence}; END IF;"
            )
    old = f"coalesce(OLD.\"{field}\", '{BEGINNINGS[field]}')"
    return f"IF {old} <> {new} THEN\n" + "\n".join(lines) + "\nEND IF;"


def _stood(table: Table, field: str) -> str:
    """The code that a record is at; of one that the list has not, the last listed one before it."""
    codes = ", ".join(map(_text, vocabulary(VOCABULARIES[field])))
    beginning = _text(BEGINNINGS[field])
    before = f"coalesce(payload::jsonb ->> '{field}', {beginning})"
    past = f"""SELECT revision, {before} AS code FROM {{s}}.incident_history
            WHERE incident_id = OLD.incident_id"""  # nosec B608 - names of ours
    if table is not INCIDENTS:
        past = f"""SELECT revision, {before} AS code FROM {{s}}.record_history
            WHERE table_name = '{table.name}' AND record_id = OLD."{table.key}\""""  # nosec B608
    pending = f"""SELECT revision, {before} AS code FROM {{s}}.pending
            WHERE table_name = '{table.name}' AND record_id = OLD."{table.key}\""""  # nosec B608
    now = f'coalesce(OLD."{field}", {beginning})'
    return f"""(CASE WHEN {now} IN ({codes}) THEN {now} ELSE coalesce((SELECT known.code
        FROM ({past} UNION ALL {pending}) AS known WHERE known.code IN ({codes})
        ORDER BY known.revision DESC LIMIT 1), {beginning}) END)"""  # nosec B608 - names of ours


def _folded(name: str) -> str:
    """A name as it is compared: without spaces of any kind, and without case."""
    return f"lower(regexp_replace(coalesce({name}, ''), '{_UNSEEN}', '', 'g'))"


def _confirms() -> str:
    return " OR ".join(
        f"(NEW.{field} IS DISTINCT FROM OLD.{field} AND NEW.{field} IN "
        f"({', '.join(map(_text, codes))}))"
        for field, codes in CONFIRMING.items()
    )


def _text(code: str) -> str:
    return "'" + code.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"
