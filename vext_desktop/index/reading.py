"""Waiting files become a lazy stream of chunks; a file that cannot be read becomes a reason."""

from collections.abc import Callable, Iterator
from pathlib import Path

from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.section import Fingerprint, ReadFailure
from vext_desktop.events import ChildDied, FileFinished, FileStarted, IndexEvent
from vext_desktop.index.admission import Admission, NotAdmitted
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import FileRecord
from vext_desktop.index.work import Barrier, FileWork, PendingChunk
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import ProcessRole

StreamItem = IndexEvent | PendingChunk | FileWork | Barrier


class DocumentStream:
    """Reads the files that wait in the ledger, one piece at a time.

    Args:
        ledger: Knows which files wait, and what is known of them.
        reader: Reads a file in its own process.
        rules: How text is cut into chunks.
        index_key: Names the model and chunking in force.
        witness: Says what is known of the reader's death.
        stopped: Asked between pieces.
        batches: Tells the number of the latest batch; 0 before the first.
        admission: Says which files would take more memory than there is.
    """

    def __init__(
        self,
        ledger: Ledger,
        reader: ReaderHost,
        rules: ChunkRules,
        index_key: str,
        witness: DeathWitness,
        stopped: Callable[[], bool],
        batches: Callable[[], int] = lambda: 0,
        admission: Admission | None = None,
    ) -> None:
        self._ledger = ledger
        self._reader = reader
        self._rules = rules
        self._index_key = index_key
        self._witness = witness
        self._stopped = stopped
        self._batches = batches
        self._admission = admission

    def read_waiting(self, run_id: int) -> Iterator[StreamItem]:
        """All waiting files, one after the other.

        Yields:
            Events; each chunk as it is read; and each file's work once more when the reader
            has come to its end, after its last chunk. Around a file that failed before are
            barriers, so that no other file is in hand with it.
        """
        while not self._stopped():
            record = self._ledger.next_waiting(run_id)
            if record is None:
                return
            if record.is_suspect:
                yield Barrier()
            yield FileStarted(record.path, record.size_bytes)
            try:
                self._make_room(record)
                yield from self._read(record)
            except ReadFailure as failure:
                death = self._testify(record.path)
                if death is not None:
                    yield death
                yield self._set_aside(record, failure, death)
            if record.is_suspect:
                yield Barrier()

    def _make_room(self, record: FileRecord) -> None:
        """Raise NotAdmitted if reading would take more memory than there is, unless it may."""
        if self._admission is None:
            return
        path = Path(record.path)
        if record.admitted:
            self._reader.allow_memory(self._admission.admit(path, record.size_bytes))
        else:
            self._reader.allow_memory(None)
            self._admission.check(path, record.size_bytes)

    def _read(self, record: FileRecord) -> Iterator[StreamItem]:
        path = Path(record.path)
        before = self._reader.fingerprint(path)
        if self._is_known(record, before):
            yield FileFinished(record.path, Outcome.UNCHANGED, "", record.chunks)
            return
        generation = self._ledger.begin_file(record.file_id, before.content_hash)
        work = FileWork(record.file_id, generation, record.path, before.size_bytes, before.mtime_ns)
        try:
            for group in self._reader.read_chunks(path, self._rules):
                for chunk in group:
                    work.chunks_read += 1
                    yield PendingChunk(work, chunk)
                if self._stopped():
                    work.is_dropped = True  # the next run takes it again from its beginning
                    return
            if work.chunks_read == 0:
                raise ReadFailure(Outcome.EMPTY)
        except ReadFailure:
            work.is_dropped = True
            raise
        work.is_read = True
        yield work

    def _is_known(self, record: FileRecord, found: Fingerprint) -> bool:
        """Whether these very bytes are in the index already, under this path or a lost one."""
        if record.content_hash == found.content_hash and self._ledger.mark_unchanged(
            record.file_id, found.size_bytes, found.mtime_ns, self._index_key
        ):
            return True
        return self._ledger.adopt_moved(record.file_id, found.content_hash, self._index_key)

    def _set_aside(
        self, record: FileRecord, failure: ReadFailure, death: ChildDied | None
    ) -> FileFinished:
        reason = failure.reason
        if death is not None and failure.outcome is Outcome.PARSER_CRASHED:
            # The witness knows more than the exit code: also whether memory had run out.
            reason = f"Reading it ended the reader process ({death.cause})."
        reason = self._ledger.set_aside(
            record.file_id,
            failure.outcome,
            reason,
            is_failure=not isinstance(failure, NotAdmitted),
        )
        return FileFinished(record.path, failure.outcome, reason, 0)

    def _testify(self, path: str) -> ChildDied | None:
        """What is told of the reader's death; None if it lives."""
        death = self._reader.take_last_death()
        if death is None:
            return None
        return self._witness.testify(ProcessRole.READER, death, self._batches(), (path,))
