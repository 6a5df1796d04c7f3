"""Rows gathered into groups; a file is done only after all its rows are in the store."""

import sys
import time
from collections.abc import Callable, Iterator

from vext_desktop.events import FileFinished, GroupWritten, IndexEvent
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import DoneFile
from vext_desktop.index.store import ChunkRow, Store
from vext_desktop.index.work import EmbeddedChunks, FileWork
from vext_desktop.outcomes import Outcome

# A group is written when it is full or this old: small files should be safe soon.
MAX_GROUP_AGE_S = 10.0
MAX_GROUP_FILES = 200
# What malloc adds to an array and a text. The row itself is small Python objects, and too few
# of them to matter: measured, 512 rows are 0.2 MB of those beside 1.6 MB of native memory.
ROW_OVERHEAD_BYTES = 32


class GroupWriter:
    """Takes embedded chunks and settled files, and writes them in the order that is safe.

    Args:
        store: Where rows go.
        ledger: Where files are marked done, after their rows.
        index_key: Names the model and chunking that the rows were made with.
        rows_per_write: How many rows make a group.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        index_key: str,
        rows_per_write: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._index_key = index_key
        self._rows_per_write = rows_per_write
        self._clock = clock
        self._rows: list[ChunkRow] = []
        self._files: list[FileWork] = []
        self._waiting_bytes = 0
        self._oldest_s = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the group is full or old enough to be written."""
        if not self._rows and not self._files:
            return False
        return (
            len(self._rows) >= self._rows_per_write
            or len(self._files) >= MAX_GROUP_FILES
            or self._clock() - self._oldest_s >= MAX_GROUP_AGE_S
        )

    @property
    def waiting_bytes(self) -> int:
        """What the rows that wait to be written take of native memory."""
        return self._waiting_bytes

    def add(self, embedded: EmbeddedChunks) -> None:
        """Take over vectors; each row keeps its own copy, so that no batch is held by a view."""
        self._note_age()
        for pending, vector in zip(embedded.chunks, embedded.vectors, strict=True):
            pending.file.chunks_settled += 1
            if pending.file.is_dropped:
                continue
            chunk = pending.chunk
            # Not its length: one Chinese word doubles what the whole text takes.
            text_bytes = sys.getsizeof(chunk.text)
            self._waiting_bytes += vector.nbytes + text_bytes + ROW_OVERHEAD_BYTES
            self._rows.append(
                ChunkRow(
                    file_id=pending.file.file_id,
                    generation=pending.file.generation,
                    ordinal=chunk.ordinal,
                    page=chunk.page,
                    heading=chunk.heading,
                    start=chunk.start,
                    end=chunk.end,
                    text=chunk.text,
                    vector=vector.copy(),
                )
            )

    def add_settled(self, file: FileWork) -> None:
        """Take over a file of which nothing is on its way to the model any more."""
        self._note_age()
        self._files.append(file)

    def flush(self) -> Iterator[IndexEvent]:
        """Write the group: rows first, then the ledger's word that their files are done."""
        rows, self._rows, self._waiting_bytes = self._rows, [], 0
        files, self._files = self._files, []
        if not rows and not files:
            return
        started = self._clock()
        if rows:
            self._store.add(rows)
        self._ledger.finish_files([self._done(file) for file in files if not _is_empty(file)])
        for file in files:
            if _is_empty(file):
                self._ledger.set_aside(file.file_id, Outcome.NOT_EMBEDDED, "")
        yield GroupWritten(len(rows), self._clock() - started)
        for file in files:
            yield _finished(file)

    def _done(self, file: FileWork) -> DoneFile:
        return DoneFile(
            file_id=file.file_id,
            generation=file.generation,
            chunks=file.chunks_read - file.chunks_set_aside,
            size_bytes=file.size_bytes,
            mtime_ns=file.mtime_ns,
            index_key=self._index_key,
            reason=_partial_reason(file),
        )

    def _note_age(self) -> None:
        if not self._rows and not self._files:
            self._oldest_s = self._clock()


def _is_empty(file: FileWork) -> bool:
    return file.chunks_set_aside == file.chunks_read


def _partial_reason(file: FileWork) -> str:
    if not file.chunks_set_aside:
        return ""
    return (
        f"{file.chunks_set_aside} of its {file.chunks_read} passages could not be processed "
        "by the model; the others are indexed."
    )


def _finished(file: FileWork) -> FileFinished:
    if _is_empty(file):
        return FileFinished(file.path, Outcome.NOT_EMBEDDED, Outcome.NOT_EMBEDDED.sentence, 0)
    chunks = file.chunks_read - file.chunks_set_aside
    return FileFinished(file.path, Outcome.INDEXED, _partial_reason(file), chunks)
