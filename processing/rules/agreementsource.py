"""The agreement of a run: from its file, or from the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from ...model.errors import CeasefireError

# The second half lets the id of an agreement in the ledger through, which QGIS would turn down as
# a file of the wrong kind: without a filter it asks for a name with a dot.
AGREEMENT_FILES = "Agreements (*.json);;All files (*)"


def agreement_of(given: Optional[str], ledger) -> tuple[Any, Optional[Any]]:
    """The agreement, and the record by which a ledger keeps its text (None: it has it already).

    ``given`` is a file's path, or the id of an agreement in the ledger, or None: the ledger's only
    one. Raises CeasefireError where there is none, or more than one.
    """
    from ...analysis.agreement_file import agreement_of_text, read_agreement

    kept = ledger.latest_agreements() if ledger is not None else {}
    if given and given not in kept:
        if ledger is not None and not Path(given).exists():
            raise CeasefireError(
                f"“{given}” cannot be read: it is neither a file nor the id of an agreement in the "
                f"ledger, which holds {_listed(kept)}."
            )
        return _with_record(read_agreement(given), Path(given))
    if not kept:
        raise CeasefireError(
            "No agreement was given"
            + (" and the ledger holds none" if ledger is not None else "")
            + ": choose its file (JSON; templates are in the plugin's folder resources/agreements)."
        )
    if not given and len(kept) > 1:
        raise CeasefireError(
            f"The ledger holds several agreements ({_listed(kept)}): write the id of one of them "
            "as the agreement, or choose a file."
        )
    code = given or next(iter(kept))
    return agreement_of_text(kept[code].text, f"The agreement “{code}” in the ledger"), None


def _listed(kept) -> str:
    return ", ".join(f"“{code}”" for code in kept) or "none"


def _with_record(agreement, path: Path) -> tuple[Any, Any]:
    from ...analysis.agreement_times import in_force
    from ...model.stored_agreement import StoredAgreement

    spans = in_force(agreement)
    return agreement, StoredAgreement(
        agreement_id=agreement.agreement_id,
        title=agreement.title,
        text=path.read_text(encoding="utf-8-sig"),
        valid_from=spans[0][0] if spans else None,
        valid_to=spans[-1][1] if spans else None,
    )
