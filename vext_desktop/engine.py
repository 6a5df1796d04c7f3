"""The one object that front ends talk to; it composes the parts and owns their lives."""

import gc
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from vext_desktop import assembly
from vext_desktop.embedding.embedder import Vectors
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.embedding.model_card import ModelCard
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import ChildDiedError, ChildHungError
from vext_desktop.events import CleanupFinished, IndexEvent
from vext_desktop.index.answers import ExtractedDocument, IndexStatus
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.extraction import extract_documents
from vext_desktop.index.indexer import Indexer, RunParts
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.recording import recorded
from vext_desktop.index.records import FileRecord
from vext_desktop.index.request import IndexRequest, normal_path, resolve_request
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.search import SearchAnswer, Searcher, SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.index.tracing import AllocationTracer
from vext_desktop.memory.allocation_trace import AllocationTrace, TraceRecorder
from vext_desktop.memory.allocator import prepare_program_allocator, settle, trim
from vext_desktop.memory.last_moments import LastMoments, watched
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe, note_trimmed
from vext_desktop.memory.run_record import RunKind
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.readings import CleanupReceipt, ProcessRole
from vext_desktop.run_assembly import RunAssembly
from vext_desktop.settings import Settings


class Engine:
    """Indexes, searches and keeps memory; all methods belong to one thread.

    `monitor` may be read from any thread, and `cancelled` set from any.

    Args:
        settings: What the user chose.
        paths: Where the data lies.
        cancelled: When set, every wait for a child ends at once: the program is closing.
        collect: Runs the garbage collector; a window gives one that does so in its own thread.
    """

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        *,
        cancelled: threading.Event | None = None,
        collect: Callable[[], object] = gc.collect,
    ) -> None:
        self.settings = settings
        self.paths = paths
        self._cancelled = cancelled or threading.Event()
        self._collect = collect
        prepare_program_allocator(has_model=settings.isolation == "thread")
        self._folder = DataFolder(paths)
        self._probe = create_probe(ProcessRole.WINDOW)
        self.monitor = MemoryMonitor(self._probe)
        self.monitor.set_bounded(lambda: {ProcessRole.WINDOW: self._folder.cache_bytes})
        self._witness = DeathWitness(self.monitor)
        self._reader = assembly.create_reader(settings, paths, self.monitor, self._cancelled)
        self._host: EmbedderHost | None = None
        self._embedder: RetryingEmbedder | None = None

    def open(self, *, read_only: bool = False) -> None:
        """Open the data folder; quick, since no model and no store is loaded.

        Args:
            read_only: Only searching and looking, beside a program that may be writing.

        Raises:
            DataFolderBusyError: Another program writes to this data folder.
            StoreError: The ledger cannot be read.
        """
        self._folder.open(read_only=read_only)

    def warm_up(self) -> Iterator[IndexEvent]:
        """Start the engine process and open the store meanwhile, in short steps."""
        self._open_host().begin_start()
        self._open_store()
        # What is loaded now stays. Not collected first: that would hold up the other threads.
        gc.freeze()
        trim()
        note_trimmed(self._probe)
        yield from self._resilient.ensure_ready()

    def index(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        """Index folders and files; the last event is RunFinished with the summary.

        Args:
            request: What to index; with no paths, everything that was ever added.
            stopped: When set, the run ends after the batch in hand; a next run goes on.

        Raises:
            UsageError: A path does not exist, or there is nothing to index.
        """
        roots, again = resolve_request(request, self._folder.ledger)
        run = Indexer(self._run_parts(stopped), roots, stopped.is_set, again).run()
        run = watched(run, LastMoments(self.paths.last_moments, self.monitor))
        yield from self._recorded(RunKind.INDEX, run)

    def search(self, request: SearchRequest, *, may_wait: bool = True) -> SearchAnswer:
        """Search the index.

        Args:
            request: What to look for, and how.
            may_wait: Whether to wait for a model that is still loading; otherwise the answer is
                made from words alone and says so.
        """
        needs_vector = request.mode is not SearchMode.TEXT and bool(request.query.strip())
        vector = None
        if needs_vector and (may_wait or self._open_host().is_ready(0)):
            vector = self._embed_query(request.query)
        return Searcher(self._open_store(), self._folder.ledger).search(request, vector)

    def extract(self, paths: Sequence[Path]) -> Iterator[ExtractedDocument]:
        """What the readers see in these files and folders, without indexing them."""
        yield from extract_documents(
            [normal_path(path) for path in paths],
            assembly.scan_rules(self.settings),
            assembly.chunk_rules(self.settings, self._card),
            self._reader,
        )

    def free_memory(self, trigger: str = "you") -> CleanupReceipt:
        """Free what can be freed in all processes, and say what that gave back."""
        return self._reclaimer.free_memory(trigger)

    def reload_model(self, trigger: str = "you") -> CleanupReceipt:
        """Trade the engine for a fresh one, and say what that gave back; takes seconds."""
        receipts = [
            event.receipt
            for event in self._reclaimer.reload_model(trigger)
            if isinstance(event, CleanupFinished)
        ]
        return receipts[-1]

    def unload_model(self, trigger: str = "you", unused_s: float | None = None) -> CleanupReceipt:
        """End the engine and the reader, and say what that gave back.

        The next search or run starts them again.

        Args:
            trigger: "you", "idle" or "run_end".
            unused_s: How long nobody had used the model, where that is why.
        """
        self._embedder = None  # the next engine has to prove itself, wherever it runs
        return self._reclaimer.unload_model(trigger, unused_s)

    def memory_test(self, batches: int, stopped: threading.Event) -> Iterator[IndexEvent]:
        """Run the memory test; the last event is RunFinished with the report."""
        run = self._runs.memory_test().run(batches, self.settings.batch_size, stopped.is_set)
        yield from self._recorded(RunKind.MEMORY_TEST, run)

    def start_trace(self, role: ProcessRole, frames: int = 1, *, native: bool = False) -> None:
        """Begin to record where a process allocates; see `AllocationTracer.start`."""
        if role is ProcessRole.ENGINE:
            for _ in self._resilient.ensure_ready():
                pass
        self._tracer.start(role, frames, native=native)

    def stop_trace(self, role: ProcessRole) -> AllocationTrace:
        """End that recording, and say what is still held of what was allocated meanwhile."""
        return self._tracer.stop(role)

    def status(self) -> IndexStatus:
        """How the index stands."""
        ledger, store = self._folder.ledger, self._open_store()
        size = store.size()
        return IndexStatus(
            counts=ledger.counts(),
            rows=size.rows,
            bytes_on_disk=size.bytes_on_disk,
            fragments=size.fragments,
            reclaimable_bytes=size.reclaimable_bytes,
            model=self._model.name,
            roots=tuple(ledger.roots()),
        )

    def files(self, states: Sequence[Outcome] = ()) -> Iterator[FileRecord]:
        """The files of the index in these states; all if none is named."""
        yield from self._folder.ledger.files(states)

    def remove_root(self, path: Path) -> None:
        """Forget a folder: its passages leave the index, its files stay where they are."""
        self._folder.ledger.remove_root(path)

    def retry(self, file_ids: Sequence[int]) -> None:
        """Let files that were set aside wait for the next run again."""
        self._folder.ledger.retry(file_ids)

    def read_anyway(self, file_ids: Sequence[int]) -> None:
        """Let files wait for the next run, which reads them whatever memory that takes; once."""
        self._folder.ledger.retry(file_ids, admit=True)

    def ignore(self, file_ids: Sequence[int]) -> None:
        """Leave files out from now on."""
        self._folder.ledger.ignore(file_ids)

    def close(self) -> None:
        """End the children, close the store and the ledger, free the data folder."""
        if self._host is not None:
            self._host.close()
        self._reader.close()
        self._folder.close()
        self._host = self._embedder = None

    @cached_property
    def _model(self) -> ModelFiles:
        return assembly.find_verified_model(self.settings, self.paths)

    @cached_property
    def _card(self) -> ModelCard:
        return assembly.model_card(self._model)

    @property
    def _reclaimer(self) -> Reclaimer:
        return Reclaimer(self._probe, self.monitor, self._open_host(), self._reader, self._collect)

    @cached_property
    def _tracer(self) -> AllocationTracer:
        return AllocationTracer(TraceRecorder(self._collect), self._open_host(), self._reader)

    @property
    def _resilient(self) -> RetryingEmbedder:
        if self._embedder is None:
            self._embedder = RetryingEmbedder(
                self._open_host(), self._reclaimer, self._witness, self.settings.batch_retries
            )
        return self._embedder

    def _open_host(self) -> EmbedderHost:
        if self._host is None:
            self._host = assembly.create_host(
                self.settings,
                self.paths,
                self._model,
                self.monitor,
                self._cancelled,
                on_loaded=self._settle,
            )
        return self._host

    def _settle(self) -> None:
        """A model was loaded into this process: what lives now will live on."""
        settle(self._collect)
        note_trimmed(self._probe)

    def _open_store(self) -> Store:
        return self._folder.store(self._model.name, self._card.dimension)

    def _embed_query(self, query: str) -> Vectors:
        """The query's vector; an engine that died while nobody needed it is replaced first."""
        for _ in self._resilient.ensure_ready():
            pass
        try:
            batch = self._open_host().embed([query])
        except (ChildDiedError, ChildHungError):
            for _ in self._resilient.ensure_ready():
                pass
            batch = self._open_host().embed([query])
        validate_vectors(batch, 1, self._card.dimension)
        vector: Vectors = batch.vectors[0]
        return vector

    def _recorded(
        self, kind: RunKind, run: Generator[IndexEvent, None, None]
    ) -> Iterator[IndexEvent]:
        recorder = assembly.run_recorder(self.settings, self.paths, kind, self.monitor)
        return recorded(run, recorder, self.monitor.picture)

    @property
    def _runs(self) -> RunAssembly:
        return RunAssembly(
            self.settings, self.monitor, self._witness, self._resilient, self._reclaimer
        )

    def _run_parts(self, stopped: threading.Event) -> RunParts:
        return self._runs.index_parts(
            self._folder.ledger,
            self._open_store(),
            self._reader,
            assembly.index_key(self.settings, self._model),
            assembly.chunk_rules(self.settings, self._card),
            stopped.is_set,
            self._open_host().begin_start,
        )
