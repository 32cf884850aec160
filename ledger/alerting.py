"""Raising alerts on what was recorded since the last evaluation, and acknowledging them.

The alerts, and the state up to which they were raised, are one transaction: stopped or killed
anywhere, what was not told is told the next time, and what was told is not told again. Who comes
second finds that another evaluation was first, and looks at what has come since.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Callable, Iterable, Optional

from ..model.alert import NOT_EVALUATED, Alert, AlertRule
from ..model.errors import CeasefireError
from ..model.tables import ALERTS
from .alert_state import claim, mark_of, sight_of, top_of
from .connection import Session, bound
from .rows import record_of, row_of
from .settings import with_what
from .store import read_rows, write_all, write_new

ATTEMPTS = 5
WHY = "raised by rules of alerts"
_OPEN = "WHERE kept.acknowledged_at IS NULL"


class _OthersWereFirst(Exception):
    """Another evaluation has told meanwhile."""


def raise_alerts(
    ledger: Any,
    who: Optional[str] = None,
    now: Optional[datetime] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> list[Alert]:
    """Evaluate the rules on every incident that was recorded or corrected since the last time.

    Works on ledgers of both kinds, open for writing. Returns the alerts that this call raised, as
    they are kept. ``now``: the moment from which rules look back. ``cancelled`` is asked between
    rules (raises Cancelled). CeasefireError where the ledger cannot be written; then nothing was.
    """
    moment = now or datetime.now(timezone.utc)
    # As the ledger keeps it, so that what is returned is what a later reading gives.
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    for _ in range(ATTEMPTS):
        try:
            return _raise_once(ledger, who, moment, cancelled)
        except _OthersWereFirst:
            continue
    raise CeasefireError(
        f"Others kept raising alerts of “{ledger.path}” at the same time; nothing was raised here: "
        "run it again."
    )


def open_alerts(ledger: Any) -> list[Alert]:
    """The alerts that nobody has acknowledged, in the order in which they were raised."""
    if ledger._connection.absent.get(ALERTS.name):
        return []
    rows = read_rows(ledger._connection, ALERTS, _OPEN)
    return [record_of(ALERTS, Alert, row) for row in rows]


def acknowledge(
    ledger: Any,
    ids: Optional[Iterable[str]],
    who: Optional[str],
    why: str,
    now: Optional[datetime] = None,
) -> list[Alert]:
    """Acknowledge alerts by their ids, or all with None, signed and with a reason.

    Returns those that were open; the first acknowledgement of an alert stands. CeasefireError for
    ids that are not there, or without a reason.
    """
    if not (why or "").strip():
        raise CeasefireError("An alert is acknowledged with a reason: say what was done about it.")
    if ids is None:
        found = open_alerts(ledger)
    else:
        wanted = list(dict.fromkeys(ids))
        found = ledger.read(ALERTS.name, ids=wanted)
        unknown = sorted(set(wanted) - {alert.alert_id for alert in found})
        if unknown:
            raise CeasefireError(
                f"The ledger has no alert “{unknown[0]}”: look at the list of its alerts."
            )
    moment = now or datetime.now(timezone.utc)
    signed = [
        dataclasses.replace(
            alert,
            acknowledged_at=moment,
            acknowledged_by=(who or "").strip() or None,
            acknowledged_why=why.strip(),
        )
        for alert in found
        if alert.acknowledged_at is None
    ]
    if signed:
        ledger.write_records(ALERTS.name, signed, who, why.strip())
    return signed


def _raise_once(ledger, who, now: datetime, cancelled) -> list[Alert]:
    connection, sight = ledger._connection, sight_of(ledger)
    mark, top = mark_of(connection, sight), top_of(connection)
    if top <= mark:
        return []
    rules = [rule for rule in ledger.read("alert_rules") if rule.enabled or rule.enabled is None]
    alerts = _evaluated(ledger, rules, (mark, top), now, cancelled) if rules else []
    with connection.transaction(Session(who, WHY, with_what())):
        if not claim(connection, sight, mark, top, now):
            raise _OthersWereFirst
        write_all(write_new(connection, ALERTS, [row_of(ALERTS, alert) for alert in alerts]))
    return alerts


def _evaluated(ledger, rules: list[AlertRule], span, now: datetime, cancelled) -> list[Alert]:
    # Shapely and the kernel are loaded only where there is a rule to evaluate.
    from .alert_evaluation import Evaluation

    alerts = Evaluation.gathered(ledger, rules, span, now, cancelled).alerts(rules)
    failed = [alert for alert in alerts if alert.kind == NOT_EVALUATED]
    if not failed:
        return alerts
    where = _OPEN + bound(" AND kept.kind = $kind", kind=NOT_EVALUATED)
    standing = [
        record_of(ALERTS, Alert, row) for row in read_rows(ledger._connection, ALERTS, where)
    ]
    said = {(alert.rule_id, alert.sentence) for alert in standing}
    return [alert for alert in alerts if (alert.rule_id, alert.sentence) not in said]
