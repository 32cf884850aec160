"""XML from strangers: elements only, no document type, no entity, no depth that overflows."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from .errors import FeedError, Reason

DEEPEST = 200
PIECE = 1 << 16


class _Refused(Exception):
    """The text is XML of a kind that is not read here."""


def read_xml(path: Path, what: str) -> Element:
    """The root element of an XML file, names as ``{namespace}name``.

    ``what`` names the text in sentences. Raises FeedError (BROKEN) where it is not well formed,
    declares a document type or an entity (which could fetch files or grow without end), or is
    nested deeper than 200 levels.
    """
    wrong = ""
    try:
        return _parsed(path)
    except _Refused as refused:
        wrong = str(refused)
    except expat.ExpatError as error:
        wrong = f"it is not well-formed XML (line {error.lineno}, column {error.offset + 1})"
    except (LookupError, ValueError):
        wrong = "it names an encoding that is not known"
    raise FeedError(
        f"{what} was not read: {wrong}. Try again later, and tell the source if it stays so.",
        Reason.BROKEN,
    )


def _parsed(path: Path) -> Element:
    building = _Building()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            building.parser.Parse(piece, False)
        building.parser.Parse(b"", True)
    return building.tree.close()


class _Building:
    """An expat parser that builds a tree and refuses what a feed has no need of."""

    def __init__(self):
        self.tree = TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.tree.data
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self._depth = 0

    def _start(self, name: str, attributes: dict) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused(f"its elements are nested deeper than {DEEPEST} levels")
        named = {_qualified(key): value for key, value in attributes.items()}
        self.tree.start(_qualified(name), named)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.tree.end(_qualified(name))

    def _refuse(self, *_declared) -> None:
        raise _Refused("it declares a document type or entities, which can hide an attack")


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name
