"""The story of a run, told as events: scan, read, embed in batches, write, tidy up."""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.documents.formats import characters_per_byte
from vext_desktop.documents.scanner import ScanRules
from vext_desktop.errors import CancelledError, StoreError, VextError
from vext_desktop.events import (
    GroupWritten,
    IndexEvent,
    IndexMended,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    ScanFinished,
)
from vext_desktop.index.batch_loop import BatchLoop
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.reading import DocumentStream
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.run_scope import RunScope, WholeRoots
from vext_desktop.index.run_updates import IS_UPDATE
from vext_desktop.index.scanning import ScanTally, scan_into_ledger
from vext_desktop.index.store import Store
from vext_desktop.index.store_check import find_faults, mend
from vext_desktop.index.summary import RunTally
from vext_desktop.index.tidying import StoreTidying
from vext_desktop.index.work import Barrier, EmbeddedChunks, FileWork, PendingChunk
from vext_desktop.index.writer import GroupWriter
from vext_desktop.memory.allocator import tidy
from vext_desktop.memory.library_pages import LibraryPages
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.verdict import VerdictRecorder

# With 200 of 1000 characters shared by neighbours, and cuts at good places, about this much of
# each chunk is text that the one before did not have.
NEW_SHARE_OF_CHUNK = 0.75

logger = logging.getLogger("vext.index")


@dataclass(frozen=True, slots=True)
class RunParts:
    """What a run works with; composed by the engine.

    `begin_start` lets the engine's process start; it is called when there is something to embed,
    so that a run that finds nothing new costs no model.
    """

    ledger: Ledger
    store: Store
    stream: DocumentStream
    loop: BatchLoop
    writer: GroupWriter
    monitor: MemoryMonitor
    verdict: VerdictRecorder
    scan_rules: ScanRules
    index_key: str
    chunk_size: int
    begin_start: Callable[[], None]
    engine_facts: Callable[[], dict[str, str]]


class Indexer:
    """One run, from the folders to the ledger's last word; a generator that is stepped.

    Args:
        parts: What it works with.
        roots: Folders and files.
        stopped: Asked between steps; the run then ends after the batch in hand.
        request: What is to be tried again.
        scope: Where to look, if that is not everything in the roots.
    """

    def __init__(
        self,
        parts: RunParts,
        roots: Sequence[Path],
        stopped: Callable[[], bool],
        request: IndexRequest | None = None,
        scope: RunScope | None = None,
    ) -> None:
        self._parts = parts
        self._scope = scope or WholeRoots(parts.ledger, roots, parts.scan_rules)
        self._stopped = stopped
        self._request = request or IndexRequest()
        self._tally = RunTally()
        self._tidying = StoreTidying(parts.store)
        self._library_pages = LibraryPages()
        self._unsettled: list[FileWork] = []
        self._ahead: list[PendingChunk] = []  # the engine works on it, or will next
        self._run_id = 0

    def run(self) -> Generator[IndexEvent, None, None]:
        """Do all of it; whatever happens, the last event is RunFinished."""
        self._parts.monitor.reset_peaks()
        names = self._scope.names
        self._run_id = self._parts.ledger.begin_run(names)
        yield RunStarted(self._run_id, names, is_update=bool(self._request.touched))
        end = RunEnd.HALTED
        try:
            for event in self._work():
                self._tally.note(event)
                yield event
            end = RunEnd.STOPPED if self._stopped() else RunEnd.FINISHED
        except CancelledError:
            end = RunEnd.STOPPED
            self._write_rest()
        except GeneratorExit:  # whoever drives us has let go
            end = RunEnd.STOPPED
            self._write_rest()
            raise
        except VextError as error:
            yield from self._write_rest()
            yield RunHalted(error.message, error.hint)
        finally:
            summary = self._summarise()
            self._note_end(end, summary)
        yield RunFinished(self._run_id, end, summary)

    def _work(self) -> Iterator[IndexEvent]:
        yield from self._check_store()
        self._drop_leftovers()
        yield from self._scan()
        yield from self._read_and_embed()
        yield from self._write()
        if not self._stopped():
            yield from self._tidy_up()

    def _check_store(self) -> Iterator[IndexEvent]:
        """Once in the life of a program: see that the store holds what the ledger says."""
        parts = self._parts
        if parts.store.is_checked:
            return
        faults = find_faults(parts.store, parts.ledger)
        mend(faults, parts.ledger)
        parts.store.is_checked = True
        if faults.incomplete:
            yield IndexMended(len(faults.incomplete), faults.missing_rows)

    def _scan(self) -> Iterator[IndexEvent]:
        parts, tally = self._parts, ScanTally()
        yield from scan_into_ledger(
            self._scope.entries(),
            parts.ledger,
            self._run_id,
            parts.index_key,
            tally,
            self._stopped,
        )
        if self._stopped():
            return
        self._scope.finish(self._run_id)
        self._lift_quarantine()
        removed = self._scope.prune()
        if waiting := parts.ledger.waiting_by_suffix(self._run_id):
            parts.store.require_free()  # or a model would be loaded, and prepared, for nothing
            parts.begin_start()
        chunks = _estimate_chunks(waiting, parts.chunk_size)
        if short := parts.store.room_short(chunks, parts.chunk_size):
            yield short
        yield ScanFinished(
            files_found=tally.files_found,
            files_waiting=sum(files for files, _ in waiting.values()),
            bytes_waiting=sum(size_bytes for _, size_bytes in waiting.values()),
            files_unchanged=tally.files_unchanged,
            files_removed=removed,
            files_set_aside=tally.files_set_aside,
            chunks_estimated=chunks,
        )

    def _lift_quarantine(self) -> None:
        """Let wait what is to be tried again; after the scan, so that new files are known too."""
        ledger = self._parts.ledger
        for paths, admit in ((self._request.retry, False), (self._request.read_anyway, True)):
            for path in paths:
                ledger.retry(ledger.ids_not_indexed(path), admit=admit)

    def _read_and_embed(self) -> Iterator[IndexEvent]:
        """Chunks become batches across files; a file is settled when its last batch is.

        While the engine works on one batch, the next is read.
        """
        batch: list[PendingChunk] = []
        for item in self._parts.stream.read_waiting(self._run_id):
            if isinstance(item, PendingChunk):
                batch.append(item)
                if len(batch) >= self._parts.loop.batch_size:
                    yield from self._embed_before(batch)
                    batch = []
            elif isinstance(item, FileWork):
                self._unsettled.append(item)
            elif isinstance(item, Barrier):
                yield from self._embed_before(batch)
                yield from self._embed_before([])
                batch = []
                self._settle()
                yield from self._write()
            else:
                yield item
            if self._parts.writer.is_due:
                yield from self._write()
        if not self._stopped():
            yield from self._embed_before(batch)
        yield from self._embed_before([])
        self._settle()

    def _write(self) -> Iterator[IndexEvent]:
        for event in self._parts.writer.flush():
            if isinstance(event, GroupWritten):
                self._tidying.note_written(event.rows)
            yield event
        # Else what writing took stays held, more of it each time: 5 MB after 800 batches. 1 ms.
        tidy()
        self._library_pages.release_if_due()
        yield from self._tidying.step()

    def _embed_before(self, batch: list[PendingChunk]) -> Iterator[IndexEvent]:
        """Finish the batch in hand, if any, and take this one in hand, if it is one."""
        wanted = [pending for pending in batch if not pending.file.is_dropped]
        ahead, self._ahead = self._ahead, wanted
        loop = self._parts.loop
        if self._stopped() and not loop.has_begun:
            ahead = []  # a stop costs the batch in hand, and not the one that was to come
        if wanted:
            self._tally.note_batch_begins()
        if ahead:
            yield from loop.process(ahead, self._release, self._tally.progress, wanted)
            self._settle()
        else:
            loop.begin(wanted)

    def _release(self, embedded: EmbeddedChunks) -> None:
        in_hand = 0
        if embedded.chunks:
            last = embedded.chunks[-1]
            characters = max(characters_per_byte(Path(last.file.path).suffix), 0.001)
            in_hand = min(last.file.size_bytes, round(last.chunk.end / characters))
        self._tally.note_embedded(len(embedded.chunks), in_hand)
        self._parts.writer.add(embedded)

    def _note_end(self, end: RunEnd, summary: dict[str, object]) -> None:
        try:
            self._parts.ledger.end_run(self._run_id, end, summary)
        except StoreError as error:
            # The next run takes this one for broken off, and redoes what it had in hand.
            logger.warning("the end of the run could not be noted: %s", error)

    def _write_rest(self) -> list[IndexEvent]:
        """Write what is embedded, so that ending costs no more than the file in hand."""
        try:
            return list(self._parts.writer.flush())
        except VextError as error:
            logger.warning("what was embedded could not be written: %s", error)
            return []

    def _settle(self) -> None:
        """Hand over the files of which nothing is on its way to the model any more."""
        waiting = []
        for file in self._unsettled:
            if file.is_settled:
                self._parts.writer.add_settled(file)
                self._tally.note_settled(file.size_bytes)
            else:
                waiting.append(file)
        self._unsettled = waiting

    def _drop_leftovers(self) -> None:
        """Remove rows that belong to no finished file: of a killed run, of older generations."""
        pairs = self._parts.ledger.leftovers()
        if pairs:
            self._parts.store.delete(pairs)
            self._parts.ledger.clear_leftovers(pairs)

    def _tidy_up(self) -> Iterator[IndexEvent]:
        self._tally.files_removed += self._scope.prune()
        self._drop_leftovers()
        yield from self._tidying.finish(self._stopped)

    def _summarise(self) -> dict[str, object]:
        parts = self._parts
        return ({IS_UPDATE: True} if self._request.touched else {}) | self._tally.summary(
            self._scope.files_set_aside(self._run_id),
            parts.monitor.peaks(),
            parts.verdict.verdicts(),
            parts.engine_facts(),
        )


def _estimate_chunks(waiting: dict[str, tuple[int, int]], chunk_size: int) -> int:
    """Roughly how many chunks files will give; `waiting` is {suffix: (files, bytes)}."""
    new_in_each = chunk_size * NEW_SHARE_OF_CHUNK
    return sum(
        max(files, round(size_bytes * characters_per_byte(suffix) / new_in_each))
        for suffix, (files, size_bytes) in waiting.items()
    )
