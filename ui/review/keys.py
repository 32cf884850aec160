"""The keys of review: which key does what, for the menu and for the table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Dict, Optional, Tuple

from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QWidget


class Act(Enum):
    """What a key does."""

    SET = "set"
    NEXT = "next"
    PREVIOUS = "previous"
    UNDO = "undo"
    REASON = "reason"
    MANY = "many"
    EDIT = "edit"
    LINK = "link"


@dataclass(frozen=True)
class Key:
    """One key: what it does, and of SET the field and its new code."""

    key: str
    act: Act
    field: Optional[str] = None
    code: Optional[str] = None


VERIFICATION_KEYS: Tuple[Key, ...] = tuple(
    Key(str(number), Act.SET, "verification", code)
    for number, code in enumerate(
        (
            "unverified",
            "followed_up",
            "corroborated",
            "confirmed",
            "inconclusive",
            "could_not_verify",
            "refuted",
        ),
        1,
    )
)
WORKFLOW_KEYS: Tuple[Key, ...] = (
    Key("R", Act.SET, "workflow", "reviewed"),
    Key("L", Act.SET, "workflow", "released"),
    Key("B", Act.SET, "workflow", "recorded"),
    Key("W", Act.SET, "workflow", "withdrawn"),
)
OTHER_KEYS: Tuple[Key, ...] = (
    Key("N", Act.NEXT),
    Key("P", Act.PREVIOUS),
    Key("Ctrl+Z", Act.UNDO),
    Key("T", Act.REASON),
    Key("M", Act.MANY),
    Key("E", Act.EDIT),
    Key("K", Act.LINK),
)
KEYS: Dict[str, Key] = {key.key: key for key in VERIFICATION_KEYS + WORKFLOW_KEYS + OTHER_KEYS}
# A digit of the block on the right is the same digit; arrows and the like are not ours.
IGNORED = Qt.KeyboardModifier.KeypadModifier


class KeysOfTable(QObject):
    """Emits ``pressed`` for the keys of review while a widget has the focus, and only then.

    It watches the widget's events, for QGIS has shortcuts of its own on some of the same keys: a
    key that is claimed as ShortcutOverride comes here and not to them.
    """

    pressed = pyqtSignal(object)

    def __init__(self, widget: QWidget, parent=None):
        super().__init__(parent)
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        key = key_of(event)
        if key is None:
            return False
        event.accept()
        if kind == QEvent.Type.KeyPress:
            self.pressed.emit(key)
        return kind == QEvent.Type.KeyPress


def key_of(event) -> Optional[Key]:
    """The key of review that a key event means; None where it means none."""
    plain = (Qt.KeyboardModifier.NoModifier, IGNORED)
    if event.matches(QKeySequence.StandardKey.Undo):
        return KEYS["Ctrl+Z"]
    if event.modifiers() not in plain:
        return None
    if event.key() >= 0x80:
        return None
    return KEYS.get(chr(event.key()))
