"""One brief, open: its parts are read when a search needs them, none is kept in memory."""

import struct
import zlib
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.layout import (
    CODE_TYPE,
    COUNT_TYPE,
    ENTRY_TYPE,
    HEADER_BYTES,
    KEY_SECTIONS,
    KEY_TYPES,
    LENGTHS_TYPE,
    BriefError,
    read_header,
    row_type,
)
from vext_desktop.index.briefs.pieces import Pieces
from vext_desktop.index.briefs.texts import PLACE_TYPE, Told, read_text

# Hashes are spread evenly, so that a word's entry is within so many of where it should be.
_WINDOW = 512
_MOST_HASH = 1 << 64
# Keys of more passages than these are not read one by one: all of a volume's are 0.4 MB.
_FEW_ROWS = 24


class Entry(NamedTuple):
    """Where the list of a word lies."""

    at: int
    rows: int
    crc: int


class Brief:
    """Reads a brief; any method raises a BriefError where it cannot, or where it is damaged.

    The file's system cache makes that quick: 8 MB for 200 000 passages take 2 ms. Held in memory
    they would be a part of the program that grows with the index.

    Args:
        file: Where it lies.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._pieces = Pieces(FileIO(file, "rb"), file)
        except OSError as error:
            raise BriefError(str(error), file) from error
        try:
            self._header = read_header(self._pieces.read(0, HEADER_BYTES))
        except (BriefError, ValueError, KeyError, TypeError) as error:
            self._pieces.close()
            raise BriefError(str(error), file) from error
        self._proven: set[str] = set()
        self._word_count: int | None = None

    @property
    def rows(self) -> int:
        """How many passages it tells of."""
        return self._header.rows

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._header.dimension

    def close(self) -> None:
        """Let go of the file; harmless a second time."""
        self._pieces.close()

    def passages(self) -> tuple[NDArray[Any], ...]:
        """The file_id, generation and ordinal of all passages."""
        parts = zip(KEY_SECTIONS, KEY_TYPES, strict=True)
        return tuple(np.frombuffer(self._section(name), kind) for name, kind in parts)

    def some_passages(self, rows: Sequence[int]) -> list[tuple[int, int, int]]:
        """The file_id, generation and ordinal of some passages."""
        if len(rows) > _FEW_ROWS:
            columns = [column[rows].tolist() for column in self.passages()]
        else:
            parts = zip(KEY_SECTIONS, KEY_TYPES, strict=True)
            columns = [self._few(name, kind, rows).tolist() for name, kind in parts]
        return list(zip(*columns, strict=True))

    def file_ids(self) -> NDArray[np.int64]:
        """The file_id of all passages."""
        return np.frombuffer(self._section(KEY_SECTIONS[0]), KEY_TYPES[0])

    @property
    def word_count(self) -> int:
        """How many words all passages have together."""
        if self._word_count is None:
            self._word_count = int(self.lengths().sum())
        return self._word_count

    def lengths(self) -> NDArray[np.uint16]:
        """How many words each passage has."""
        return np.frombuffer(self._section("lengths"), LENGTHS_TYPE)

    def read_codes(self, into: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The signs of all vectors, as `to_codes` makes them, but one row for each word of them.

        Args:
            into: Where they go, if that is large enough.
        """
        if "codes" not in self._proven:
            self._section("codes")
        section = self._header.sections["codes"]
        count = section.size_bytes // CODE_TYPE.itemsize
        codes = into[:count] if len(into) >= count else np.empty(count, CODE_TYPE)
        self._pieces.read_into(section.at, codes)
        return codes.reshape(-1, self.rows)

    def nearness(self, rows: Sequence[int], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of some passages' vectors and one of unit length, good to 0.001."""
        return self._pieces.nearness(self._header.sections["vectors"].at, rows, vector)

    def find(self, key: int) -> Entry | None:
        """Where the list of a word lies; None where no passage holds it."""
        section = self._header.sections["entries"]
        if "entries" not in self._proven:
            self._section("entries")
        count = section.size_bytes // ENTRY_TYPE.itemsize
        middle = key * count // _MOST_HASH
        for window in (_WINDOW, count):
            first = max(0, middle - window)
            size_bytes = (min(count, middle + window) - first) * ENTRY_TYPE.itemsize
            piece = self._pieces.read(section.at + first * ENTRY_TYPE.itemsize, size_bytes)
            entries = np.frombuffer(piece, ENTRY_TYPE)
            place = int(np.searchsorted(entries["key"], np.uint64(key)))
            if place < len(entries) and int(entries["key"][place]) == key:
                found = entries[place]
                return Entry(int(found["at"]), int(found["rows"]), int(found["crc"]))
            is_inside = (place > 0 or first == 0) and (
                place < len(entries) or first + len(entries) == count
            )
            if is_inside:
                break
        return None

    def read_list(self, entry: Entry) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """The rows of the passages with a word, and how often it is in each."""
        kind = row_type(self.rows)
        size_bytes = entry.rows * (kind.itemsize + COUNT_TYPE.itemsize)
        piece = self._pieces.read(self._header.sections["lists"].at + entry.at, size_bytes)
        if zlib.crc32(piece) != entry.crc:
            raise BriefError("a list of words in it is damaged", self.file)
        held = np.frombuffer(piece, kind, entry.rows)
        return held, np.frombuffer(piece, COUNT_TYPE, entry.rows, entry.rows * kind.itemsize)

    def texts(self, rows: Sequence[int]) -> list[Told]:
        """The texts of some passages; none where it has no texts."""
        if "texts" not in self._header.sections:
            return []
        places = self._few("text_places", PLACE_TYPE, rows)
        began, common = self._header.sections["texts"].at, self._section("common")
        try:
            return [
                read_text(self._pieces.read(began + at, size_bytes), common)
                for at, size_bytes in places.tolist()
            ]
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise BriefError(f"a text in it is damaged ({error})", self.file) from error

    def _few(self, name: str, kind: np.dtype[Any], rows: Sequence[int]) -> NDArray[Any]:
        """A few values of a section that has one for each row."""
        if name not in self._proven:
            self._section(name)
        began, size_bytes = self._header.sections[name].at, kind.itemsize
        return np.frombuffer(b"".join(self._pieces.read_some(began, size_bytes, rows)), kind)

    def _section(self, name: str) -> bytes:
        """All of a section; the first time it is proven by its checksum."""
        section = self._header.sections[name]
        piece = self._pieces.read(section.at, section.size_bytes)
        if name not in self._proven:
            if zlib.crc32(piece) != section.crc:
                raise BriefError(f"the part {name} of it is damaged", self.file)
            self._proven.add(name)
        return piece
