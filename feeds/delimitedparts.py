"""A delimited file read in parts, however long it is, with one reading of the whole file."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Callable, Iterator, Optional

from ..model.errors import CeasefireError
from .delimited import (
    BOMS,
    CELL_LIMIT,
    LARGEST,
    delimiter_note,
    only_table,
    parsed_delimiter,
    refuse_binary,
    split_title,
)
from .table import RawTable, is_hxl, named_columns

ROWS = 20_000
PIECE = 1 << 20
BEGINNING = 1000
UNPACKED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError)


class DelimitedFile:
    """A CSV, TSV or bar-separated file, plain or inside .gz or .zip, read three times over.

    First its encoding is settled, then its columns and the number of its rows are taken, then
    ``parts`` gives the rows; memory holds ``size`` rows at most. ``ask`` is called between parts
    and may raise.
    Raises CeasefireError where the file is binary, damaged or holds no table.
    """

    def __init__(
        self,
        path: Path,
        name: str = "",
        size: int = ROWS,
        ask: Optional[Callable[[], None]] = None,
    ):
        self.path, self.name, self.size = path, name or path.name, size
        self.ask = ask or (lambda: None)
        self.notes: list[str] = []
        self.encoding, self.errors = self._settled()
        text = self._beginning()
        self.delimiter, self.skip_first = parsed_delimiter(text)
        if self.delimiter != ",":
            self.notes.append(delimiter_note(self.delimiter))
        self._find_header()
        self.rows = self._widened()

    def parts(self) -> Iterator[RawTable]:
        """The rows in the order of the file; ``row_numbers`` run through all parts."""
        number = 1
        for rows in self._in_parts():
            numbers = list(range(number, number + len(rows)))
            number += len(rows)
            yield RawTable(self.columns, rows, numbers, list(self.notes), self.name, self.title)

    def _settled(self) -> tuple[str, str]:
        """The encoding and what to do with bytes that are none: by mark, UTF-8, Windows-1252."""
        try:
            with self._bytes() as stream:
                start = stream.read(65536)
        except UNPACKED as error:
            raise self._damaged_archive(error) from None
        for mark, encoding in BOMS:
            if start.startswith(mark) and self._sound(encoding):
                return encoding, "strict"
        refuse_binary(start, self.name)
        if self._sound("utf-8-sig"):
            return "utf-8-sig", "strict"
        return self._damaged()

    def _sound(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for piece in self._pieces():
                decoder.decode(piece)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
        return True

    def _damaged(self) -> tuple[str, str]:
        """UTF-8 with a few broken letters, else Windows-1252; which, is noted."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        broken = whole = 0
        for piece in [*self._pieces(), b""]:
            text = decoder.decode(piece, not piece)
            lost = text.count("\ufffd")
            broken += lost
            whole += sum(1 for sign in text if sign > "\x7f") - lost if not text.isascii() else 0
        if whole > 4 * broken:
            self.notes.append(
                f"{broken:,} letters of the file are broken UTF-8 and stand as “\ufffd”."
            )
            return "utf-8-sig", "replace"
        self.notes.append("The file is not UTF-8; it was read as Windows-1252.")
        return "cp1252", "replace"

    def _find_header(self) -> None:
        first: list[list] = []
        for row in self._records():
            first.append(row)
            if len(first) >= BEGINNING:
                break
        if not first:
            raise CeasefireError(f"“{self.name}” holds no rows: fetch or export it again.")
        self.title, header, below = split_title(first)
        self.above = len(first) - len(below)
        if below and is_hxl(below[0]):
            self.above += 1
            self.notes.append("The second row holds HXL tags; it was not counted.")
        self.header = header
        self.columns = named_columns(header)

    def _widened(self) -> int:
        """Give numbered columns to cells beyond the header; how many rows there are."""
        count, widest = 0, len(self.header)
        for rows in self._in_parts():
            count += len(rows)
            widest = max(widest, *map(len, rows))
        if widest > len(self.header):
            self.columns = named_columns([*self.header, *[None] * (widest - len(self.header))])
            self.notes.append(
                "Some rows have more cells than the header has names; the cells beyond it are "
                "kept in numbered columns."
            )
        return count

    def _in_parts(self) -> Iterator[list[list]]:
        """Lists of up to ``size`` rows, filled up to the columns known by then."""
        records = self._records()
        for _ in range(self.above):
            next(records, None)
        rows: list[list] = []
        for row in records:
            width = len(self.columns)
            if len(row) < width:
                row.extend([None] * (width - len(row)))
            rows.append(row)
            if len(rows) >= self.size:
                self.ask()
                yield rows
                rows = []
        if rows:
            yield rows

    def _records(self) -> Iterator[list]:
        csv.field_size_limit(CELL_LIMIT)
        try:
            with self._bytes() as stream:
                text = io.TextIOWrapper(stream, self.encoding, self.errors, newline="")
                lines = (line.replace("\x00", "") if "\x00" in line else line for line in text)
                if self.skip_first:
                    next(lines, None)
                yield from (row for row in csv.reader(lines, delimiter=self.delimiter) if row)
        except csv.Error as error:
            raise CeasefireError(
                f"“{self.name}” cannot be read as a table ({error}): open it in a spreadsheet and "
                "export it as CSV again."
            ) from None
        except UNPACKED as error:
            raise self._damaged_archive(error) from None

    def _beginning(self) -> str:
        with self._bytes() as stream:
            text = io.TextIOWrapper(stream, self.encoding, self.errors, newline="")
            return text.read(400_000).replace("\x00", "")

    def _pieces(self) -> Iterator[bytes]:
        read = 0
        try:
            with self._bytes() as stream:
                for piece in iter(lambda: stream.read(PIECE), b""):
                    read += len(piece)
                    if read > LARGEST:
                        raise CeasefireError(
                            f"“{self.name}” is larger than 2 GB when unpacked: split it first."
                        )
                    self.ask()
                    yield piece
        except UNPACKED as error:
            raise self._damaged_archive(error) from None

    def _bytes(self) -> BinaryIO:
        """The table's bytes as a stream, whatever it is packed in; the caller closes it."""
        with self.path.open("rb") as file:
            start = file.read(4)
        try:
            if start[:2] == b"\x1f\x8b":
                return gzip.open(self.path)
            if start == b"PK\x03\x04":
                return _Member(self.path, self.name)
        except UNPACKED as error:
            raise self._damaged_archive(error) from None
        return self.path.open("rb")

    def _damaged_archive(self, error: Exception) -> CeasefireError:
        return CeasefireError(
            f"The archive “{self.name}” cannot be unpacked ({error}): fetch it again."
        )


class _Member(io.BufferedReader):
    """The one table in a ZIP archive as a stream that closes the archive with it."""

    def __init__(self, path: Path, name: str):
        self._archive = zipfile.ZipFile(path)
        super().__init__(self._archive.open(only_table(self._archive, name)))

    def close(self) -> None:
        """Close the stream and its archive."""
        super().close()
        self._archive.close()
