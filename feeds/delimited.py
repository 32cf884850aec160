"""CSV and its relatives, read as text by ourselves: encoding, delimiter, quotes."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from pathlib import Path

from ..model.errors import CeasefireError
from .table import RawTable, assemble, cell_text, plain_name

DELIMITERS = ",;\t|"
LARGEST = 2_000_000_000
CELL_LIMIT = 16_000_000
BINARY = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27})
BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_delimited(path: Path) -> RawTable:
    """Read a CSV, TSV or bar-separated file, plain or inside .gz or .zip.

    Raises CeasefireError where the file is binary or holds no table.
    """
    notes: list[str] = []
    text = decode(unpacked(path), path.name, notes)
    records = parsed(text, path.name, notes)
    if not records:
        raise CeasefireError(f"“{path.name}” holds no rows: fetch or export it again.")
    title, header, body = split_title(records)
    if not body:
        raise CeasefireError(
            f"“{path.name}” has a header and no rows below it: fetch or export it again."
        )
    return assemble(header, body, notes, path, title)


def unpacked(path: Path) -> bytes:
    """The bytes of the table: those of the file, or of the one member of its archive."""
    data = path.read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as stream:
                return limited(stream, path.name)
        if data[:4] == b"PK\x03\x04" and path.suffix.lower() == ".zip":
            return member(data, path.name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise CeasefireError(
            f"The archive “{path.name}” cannot be unpacked ({error}): fetch it again."
        ) from None
    return data


def member(data: bytes, name: str) -> bytes:
    """The one table inside a ZIP archive."""
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        archive.open(only_table(archive, name)) as stream,
    ):
        return limited(stream, name)


def only_table(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The entry of an archive's one table; raises CeasefireError where it holds none or more."""
    tables = [
        entry
        for entry in archive.infolist()
        if Path(entry.filename).suffix.lower() in (".csv", ".tsv", ".txt", ".tab")
        and not entry.filename.startswith("__MACOSX")
    ]
    if len(tables) != 1:
        raise CeasefireError(
            f"“{name}” holds {len(tables)} tables instead of one: unpack it and choose one."
        )
    return tables[0]


def limited(stream, name: str) -> bytes:
    """All of a stream, unless it is larger than memory should hold."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise CeasefireError(f"“{name}” is larger than 2 GB when unpacked: split it first.")
    return data


def decode(data: bytes, name: str, notes: list[str]) -> str:
    """Bytes as text: by byte-order mark, else UTF-8, else Windows-1252; binary is refused."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                break
    refuse_binary(data[:65536], name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode_damaged(data, notes)


def refuse_binary(start: bytes, name: str) -> None:
    """Raise CeasefireError where the beginning of a file is not that of a text."""
    controls = len(start) - len(start.translate(None, BINARY))
    if controls > max(8, 0.02 * len(start)):
        raise CeasefireError(
            f"“{name}” is not a text table (it holds binary data): choose a CSV file, or give the "
            "file its true ending, such as .xlsx."
        )


def decode_damaged(data: bytes, notes: list[str]) -> str:
    """Bytes that are no sound UTF-8: UTF-8 with a few broken letters, else Windows-1252."""
    text = data.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for sign in text if sign > "\x7f") - broken
    if whole > 4 * broken:
        notes.append(f"{broken:,} letters of the file are broken UTF-8 and stand as “\ufffd”.")
        return text
    notes.append("The file is not UTF-8; it was read as Windows-1252.")
    return data.decode("cp1252", errors="replace").replace("\ufffd", "?")


def parsed(text: str, name: str, notes: list[str]) -> list[list]:
    """The records of a text table; blank lines are none."""
    text = text.replace("\x00", "")
    delimiter, told = parsed_delimiter(text)
    if told:
        text = text.partition("\n")[2]
    csv.field_size_limit(CELL_LIMIT)
    try:
        records = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row
        ]
    except csv.Error as error:
        raise CeasefireError(
            f"“{name}” cannot be read as a table ({error}): open it in a spreadsheet and export it "
            "as CSV again."
        ) from None
    if delimiter != ",":
        notes.append(delimiter_note(delimiter))
    return records


def parsed_delimiter(text: str) -> tuple[str, bool]:
    """The delimiter, and whether the first line tells it (``sep=;``) and is no row."""
    first = text.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], True
    return sniffed(text), False


def delimiter_note(delimiter: str) -> str:
    """How to say which sign separates the cells."""
    words = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter, f"“{delimiter}”")
    return f"The cells are separated by {words}."


def sniffed(text: str) -> str:
    """The delimiter that splits the first records most evenly into most cells."""
    sample = text[:200_000]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = []
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if row:
                    rows.append(len(row))
                if len(rows) >= 200:
                    break
        except csv.Error:
            continue
        rows = rows[:-1] if len(rows) > 2 and len(text) > len(sample) else rows
        widest = max(set(rows), key=lambda width: (rows.count(width), width)) if rows else 0
        if widest < 2:
            continue
        score = (rows.count(widest) / len(rows), widest)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def split_title(records: list[list]) -> tuple[str, list, list[list]]:
    """Lines above the header as one text, the header, and the rows below it.

    The header is the first of the first twenty records whose filled cells are at least half of
    the table's usual width and are names rather than numbers.
    """
    widths = sorted(filled(row) for row in records[:200])
    usual = max(1, widths[len(widths) // 2])
    for position, row in enumerate(records[:20]):
        names = [text for text in map(cell_text, row) if text]
        if len(names) >= max(1, 0.5 * usual) and sum(map(like_name, names)) > 0.6 * len(names):
            if len(names) == 1 and usual > 1:
                continue
            above = " ".join(
                text for line in records[:position] for text in map(cell_text, line) if text
            )
            return above, row, records[position + 1 :]
    return "", records[0], records[1:]


def filled(row: list) -> int:
    """How many cells of a row hold something."""
    return sum(1 for cell in row if cell_text(cell))


def like_name(text: str) -> bool:
    """Whether a cell could name a column: it has letters and is not long prose."""
    return (
        len(text) <= 80
        and bool(plain_name(text))
        and not text[0].isdigit()
        and not text.startswith("#")
    )
