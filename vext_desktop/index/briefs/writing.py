"""Making the brief of a volume: 6 s of processor for 25 000 passages, once when it is full."""

import contextlib
import os
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, Protocol

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
    Header,
    Section,
    key_of,
    row_type,
    shortened,
    to_codes,
    vectors_of,
)
from vext_desktop.index.briefs.texts import TextDraft
from vext_desktop.index.briefs.word_lists import WordLists
from vext_desktop.index.disk_sync import sync_folder
from vext_desktop.index.rows import HIT_COLUMNS, TOLD_COLUMNS

SUFFIX = ".brief"
_DRAFT = ".draft"
_WORDS = "words.draft"
_WORDS_BETWEEN_LOOKS = 4096
_PIECE_ROWS = 1024


class BriefStoppedError(Exception):
    """Something else is more urgent than a brief."""


class Source(Protocol):
    """The rows of a volume."""

    def read(  # noqa: D102 - see LanceTable
        self, columns: Sequence[str], *, part: range
    ) -> Iterator[Any]: ...


def write_brief(
    volume: Source, folder: Path, dimension: int, goes_on: Callable[[], bool] = lambda: True
) -> Path:
    """Write a brief of all rows of a volume, down to the disk; the name is there when it is whole.

    It takes memory for the keys and codes (64 bytes a row) and some batches, no more.

    Args:
        volume: What it tells of.
        folder: Where it shall lie.
        dimension: Numbers in a vector.
        goes_on: Asked a few times in a second.

    Raises:
        BriefStoppedError: It was to stop; nothing of it is left.
        OSError: It cannot be written; nothing of it is left.
        sqlite3.Error: The words cannot be counted; as above.
        StoreError: The volume cannot be read; as above.
    """
    folder.mkdir(exist_ok=True)
    file = folder / f"{time.time_ns():020}{SUFFIX}"
    draft = file.with_suffix(_DRAFT)
    try:
        with (
            closing(WordLists(folder / _WORDS)) as words,
            closing(TextDraft(folder)) as texts,
            draft.open("wb") as out,
        ):
            _Writer(out, dimension, goes_on).write(volume, words, texts)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return file


def remove_drafts(folder: Path) -> None:
    """Remove what a program left that was killed while it wrote."""
    for draft in (*folder.glob(f"*{_DRAFT}"), folder / _WORDS):
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


class _Writer:
    """Writes the sections one after the other, then the header before them."""

    def __init__(self, out: BinaryIO, dimension: int, goes_on: Callable[[], bool]) -> None:
        self._out = out
        self._dimension = dimension
        self._goes_on = goes_on
        self._sections: dict[str, Section] = {}

    def write(self, volume: Source, words: WordLists, texts: TextDraft) -> None:
        self._out.seek(HEADER_BYTES)
        keys: list[list[NDArray[Any]]] = []
        codes: list[NDArray[np.uint64]] = []
        for batch in _pieces(volume):
            vectors = vectors_of(batch, self._dimension)
            self._out.write(shortened(vectors).tobytes())
            codes.append(to_codes(vectors))
            # Copies: a view of one column would keep all that was read, 80 MB for a volume.
            keys.append([batch.column(name).to_numpy().copy() for name in HIT_COLUMNS])
            words.add(batch.column("text").to_pylist())
            texts.add(batch)
            self._look_up()
        rows = sum(map(len, codes))
        if not rows:
            raise OSError("all passages of the volume were deleted just now")
        at = HEADER_BYTES
        self._sections["vectors"] = Section(at, self._out.tell() - at)
        for number, (name, kind) in enumerate(zip(KEY_SECTIONS, KEY_TYPES, strict=True)):
            self._add(name, np.concatenate([each[number] for each in keys]).astype(kind))
        self._add("codes", np.ascontiguousarray(np.concatenate(codes).T, CODE_TYPE))
        self._add_words(words, rows)
        if texts.is_worth_keeping:
            self._add_texts(texts)
        self._out.seek(0)
        self._out.write(Header(rows, self._dimension, self._sections).to_bytes())

    def _add_words(self, words: WordLists, rows: int) -> None:
        kind = row_type(rows)
        lengths = np.zeros(rows, np.int64)
        began, at = self._out.tell(), 0
        entries: list[bytes] = []  # tuples of numbers would be 12 MB for a volume
        for stem, held, counts in words:
            lengths[held] += counts
            piece = held.astype(kind).tobytes() + counts.astype(COUNT_TYPE).tobytes()
            entry = np.array((key_of(stem), at, len(held), zlib.crc32(piece)), ENTRY_TYPE)
            entries.append(entry.tobytes())
            at += self._out.write(piece)
            if len(entries) % _WORDS_BETWEEN_LOOKS == 0:
                self._look_up()
        self._sections["lists"] = Section(began, at)
        self._add("entries", np.sort(np.frombuffer(b"".join(entries), ENTRY_TYPE), order="key"))
        most = np.iinfo(LENGTHS_TYPE).max
        self._add("lengths", np.minimum(lengths, most).astype(LENGTHS_TYPE))

    def _add_texts(self, texts: TextDraft) -> None:
        at = self._out.tell()
        texts.copy_to(self._out)
        self._sections["texts"] = Section(at, self._out.tell() - at)
        self._add("text_places", texts.places)
        self._add("common", np.frombuffer(texts.common, np.uint8))

    def _look_up(self) -> None:
        if not self._goes_on():
            raise BriefStoppedError

    def _add(self, name: str, values: NDArray[Any]) -> None:
        piece = values.tobytes()
        self._sections[name] = Section(self._out.tell(), len(piece), zlib.crc32(piece))
        self._out.write(piece)


def _pieces(volume: Source) -> Iterator[Any]:
    """All rows, some at a time: at once LanceDB would read ahead of us, 60 MB."""
    columns = (*HIT_COLUMNS, *TOLD_COLUMNS, "vector")
    first = 0
    while True:
        rows = 0
        for batch in volume.read(columns, part=range(first, first + _PIECE_ROWS)):
            rows += batch.num_rows
            yield batch
        first += rows
        if rows < _PIECE_ROWS:
            return
