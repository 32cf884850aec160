"""Which answers of a form tell who sent it or how to reach them: those are left out of incidents.

A name, a telephone or a device can cost the person who reported. What is not taken cannot leak;
who needs it says so by name in the feed's options. (A reply that is kept as evidence still holds
it: that is the lead's choice, said in the documents.)
"""

from __future__ import annotations

import re
from typing import Iterable

# Questions that a form's designer did not ask but that the device answers by itself.
DEVICE_TYPES = {
    "deviceid",
    "phonenumber",
    "simserial",
    "subscriberid",
    "username",
    "email",
    "audit",
    "start-geopoint",
    "background-audio",
    "background-geopoint",
    "xml-external",
}
SYSTEM = re.compile(
    r"^(?:_submitted_by|meta/.*|_attachments|_notes|__system/submitter(?:id|name)|"
    r"__system/deviceid|user(?:_?id)?|author_?(?:email|realname|name)|contact(?:_?id)?|"
    r"data_source_message_id|message_?id)$",
    re.IGNORECASE,
)
WHO = (
    r"submitters?|enumerators?|interviewe[re]s?|respondents?|informants?|reporters?|observers?|"
    r"monitors?|collectors?|surveyors?|witness(?:es)?|contacts?|sources?|callers?|victims?|"
    r"patients?|head|your|my|person|full|first|last|family|given|middle|sur|nick|staff|volunteers?|"
    r"focal_point|team_leader|user"
)
NAMES = re.compile(
    rf"^(?:name|(?:.*_)?(?:{WHO})_?names?(?:_.*)?|names?_of_(?:the_)?(?:{WHO})(?:_.*)?|"
    rf"(?:{WHO})|.*_by_name|reported_by|submitted_by|collected_by|recorded_by|"
    r".*(?:phone|mobile|whatsapp|telegram|viber|msisdn|imei|e_?mail|passport|signature|selfie).*|"
    r"(?:.*_)?(?:tel|telephone|cell|fax|sim_?serial|subscriber_?id|device_?id|sim_?id|"
    r"national_?id|id_?(?:number|card|no)|address_of_.*|home_address|contact_.*|contacts))$",
    re.IGNORECASE,
)
# Words that the pattern would take for persons but that are of the incident, not of its teller.
NOT_PERSONS = {
    "source",
    "sources",
    "head",
    "your",
    "my",
    "full",
    "first",
    "last",
    "given",
    "middle",
}


def is_personal(path: str, kind: str = "") -> bool:
    """Whether a question, by its path ("group/question") and type, tells of a person or a device.

    Names, telephones, addresses and devices of those who report, by the questions' usual English
    names; ``kind`` is the form's type of question.
    """
    if kind.casefold() in DEVICE_TYPES or SYSTEM.match(path):
        return True
    last = re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.split("/")[-1]))
    last = last.strip("_").casefold()
    return last not in NOT_PERSONS and bool(NAMES.match(last))


class Withheld:
    """Decides column by column, and remembers what was left out.

    ``asked_for`` are names or paths that a person asked for all the same ("*": all).
    """

    def __init__(self, asked_for: Iterable[str] = ()):
        self.asked_for = {name.strip().casefold() for name in asked_for if name.strip()}
        self.names: dict[str, None] = {}

    def keeps(self, path: str, kind: str = "") -> bool:
        """Whether a question may be taken."""
        if not is_personal(path, kind):
            return True
        named = {path.casefold(), path.split("/")[-1].casefold(), "*"}
        if named & self.asked_for:
            return True
        self.names[path] = None
        return False

    def sentence(self) -> tuple[str, ...]:
        """What was left out, in one sentence; nothing where nothing was."""
        if not self.names:
            return ()
        names = list(self.names)
        shown = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
        return (
            f"Left out because they tell who reported or with which device: {shown}. The option "
            "personal_fields takes those that it names.",
        )


def names_in(text: object) -> list[str]:
    """The names in an option's text, separated by commas."""
    return [part.strip() for part in str(text or "").split(",") if part.strip()]
