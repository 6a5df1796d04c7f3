"""The one object that front ends talk to; it composes the parts and owns their lives."""

import gc
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from vext_desktop.assembly import wiring
from vext_desktop.assembly.index_makers import IndexMaker
from vext_desktop.assembly.ledger_verbs import LedgerVerbs
from vext_desktop.assembly.rebuilding import WORKS_ON, Rebuilding
from vext_desktop.assembly.run import RunAssembly
from vext_desktop.assembly.sending import Sending
from vext_desktop.assembly.working_processes import WorkingProcesses
from vext_desktop.errors import ModelError, VextError
from vext_desktop.events import IndexEvent
from vext_desktop.index.answers import ExtractedDocument, IndexStatus
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.extraction import extract_documents
from vext_desktop.index.health.safekeeping import Safekeeping, kept_safe
from vext_desktop.index.indexer import Indexer, RunParts
from vext_desktop.index.rebuild_cost import RebuildCost
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.recording import recorded
from vext_desktop.index.request import IndexRequest, normal_path, resolve_request
from vext_desktop.index.run_scope import TouchedPlaces
from vext_desktop.index.search import SearchAnswer, Searcher, SearchMode, SearchRequest
from vext_desktop.index.served_files import served_files
from vext_desktop.memory.allocation_trace import AllocationTrace
from vext_desktop.memory.allocator import keep_loaded, prepare_program_allocator
from vext_desktop.memory.last_moments import LastMoments, watched
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe
from vext_desktop.memory.run_record import RunKind
from vext_desktop.paths import Paths
from vext_desktop.readings import CleanupReceipt, ProcessRole
from vext_desktop.settings import Settings, changes


class Engine(LedgerVerbs):
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
        prepare_program_allocator(has_torch=wiring.is_torch_here(settings))
        self._folder = DataFolder(paths)
        self._probe = create_probe(ProcessRole.WINDOW)
        self.monitor = MemoryMonitor(self._probe)
        self.monitor.set_bounded(lambda: {ProcessRole.WINDOW: self._folder.cache_bytes})
        cancelled = cancelled or threading.Event()
        self._work = WorkingProcesses(
            settings, paths, self._probe, self.monitor, cancelled, collect
        )
        self.rebuilding = Rebuilding(settings, paths, self._folder)
        self.sending = Sending(settings, paths)

    def open(self, *, read_only: bool = False) -> None:
        """Open the data folder; quick, since no model and no store is loaded.

        Args:
            read_only: Only searching and looking, beside a program that may be writing.

        Raises:
            DataFolderBusyError: Another program writes to this data folder.
            DataFolderReadOnlyError: It may not be written to.
            StoreError: The ledger cannot be read.
        """
        self._folder.open(read_only=read_only)

    def warm_up(self) -> Iterator[IndexEvent]:
        """Start the engine process and open the store meanwhile, in short steps."""
        maker = self.rebuilding.serving_maker()
        self._work.seat.take(maker).begin_start()
        self.rebuilding.serving_store()
        keep_loaded(self._probe)
        yield from self._work.seat.embedder(maker).ensure_ready()
        yield from self.rebuilding.swap_if_complete()

    def index(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        """Index folders and files; the last event is RunFinished with the summary.

        Args:
            request: What to index; with no paths, everything that was ever added.
            stopped: When set, the run ends after the batch in hand; a next run goes on.

        Raises:
            UsageError: A path does not exist, or there is nothing to index.
            DataFolderReadOnlyError: It is open for searching only.
        """
        self._folder.require_writable()
        ledger = self._folder.ledger
        roots, again = resolve_request(request, ledger)
        settings = self.rebuilding.settings_of_run(rebuilds=request.rebuilds)
        if (service := self.sending.forbidden(settings)) is not None:
            yield from self.sending.ask(
                service, settings, ledger, self.monitor, roots, stopped.is_set
            )
            return
        edition = self.rebuilding.prepare(rebuilds=request.rebuilds)
        maker = self.rebuilding.makers.of(edition)
        if ledger.editions.is_rebuilding:
            # Until the new index holds everything, it cannot take the place of the old one.
            roots = [Path(root.path) for root in ledger.roots()]
        parts = self._run_parts(maker, edition, stopped)
        keep_loaded(self._probe)
        scope = None if roots else TouchedPlaces(ledger, request.touched, parts.scan_rules)
        run = self.rebuilding.swapping(Indexer(parts, roots, stopped.is_set, again, scope).run())
        run = kept_safe(run, Safekeeping(self.paths))
        run = watched(run, LastMoments(self.paths.last_moments, self.monitor))
        yield from self._work.seat.working(maker, self._recorded(RunKind.INDEX, run), stopped)

    def search(
        self, request: SearchRequest, *, may_wait: bool = True, may_switch: bool = True
    ) -> SearchAnswer:
        """Search the index that serves, with the model that made it.

        Args:
            request: What to look for, and how.
            may_wait: Whether to wait for a model that is still loading; otherwise the answer is
                made from words alone and says so.
            may_switch: Whether the model of a run in hand may be ended for the one that made the
                index, where they differ; the run loads it again with its next step.
        """
        vector, notice = None, ""
        if request.mode is not SearchMode.TEXT and request.query.strip():
            try:
                maker = self.rebuilding.serving_maker()
                vector, notice = self._work.seat.query_vector(
                    request.query, maker, may_wait=may_wait, may_switch=may_switch
                )
                if self.rebuilding.serving_maker() is not maker:
                    # Another program has swapped the index meanwhile.
                    return self.search(request, may_wait=may_wait, may_switch=may_switch)
            except ModelError as error:
                notice = f"{error.message} These hits are found by their words alone."
        store, ledger = self.rebuilding.serving_store(), served_files(self._folder.ledger)
        return Searcher(store, ledger).search(request, vector, notice)

    def extract(self, paths: Sequence[Path]) -> Iterator[ExtractedDocument]:
        """What the readers see in these files and folders, without indexing them."""
        yield from extract_documents(
            [normal_path(path) for path in paths],
            wiring.scan_rules(self.settings),
            wiring.chunk_rules(self.settings, self.rebuilding.makers.card),
            self._work.reader,
        )

    def free_memory(self, trigger: str = "you") -> CleanupReceipt:
        """Free what can be freed in all processes, and say what that gave back."""
        return self._reclaimer.free_memory(trigger)

    def reload_model(self, trigger: str = "you") -> Generator[IndexEvent, None, None]:
        """Trade the engine for a fresh one, in short steps; the last event has the receipt."""
        yield from self._reclaimer.reload_model(trigger)

    def unload_model(self, trigger: str = "you", unused_s: float | None = None) -> CleanupReceipt:
        """End the engine and the reader, and say what that gave back.

        The next search or run starts them again.

        Args:
            trigger: "you", "idle" or "run_end".
            unused_s: How long nobody had used the model, where that is why.
        """
        self._work.seat.forget_proof()  # the next engine has to prove itself, wherever it runs
        return self._reclaimer.unload_model(trigger, unused_s)

    @property
    def has_query_model(self) -> bool:
        """Whether the model in memory is the one that questions need; so if that is nowhere."""
        try:
            needed = self.rebuilding.serving_maker()
        except VextError:
            return True
        seated = self._work.seat.maker
        return seated is None or seated.model.name == needed.model.name

    def apply_settings(self, settings: Settings, *, within_run: bool) -> bool:
        """Let other settings count; within a run only those that a run can take up.

        Returns:
            Whether engine and reader were ended for it: who needs one starts it again.
        """
        before = self.settings
        if within_run:
            self.settings = changes.within_run(before, settings)
            return False
        self.settings = changes.without_restart(before, settings)
        self.rebuilding = Rebuilding(self.settings, self.paths, self._folder)
        self.sending = Sending(self.settings, self.paths)
        self._work.seat.forget_proof()
        if not changes.needs_fresh_processes(before, self.settings):
            return False
        self._work.renew(self.settings)
        return True

    def memory_test(self, batches: int, stopped: threading.Event) -> Iterator[IndexEvent]:
        """Run the memory test; the last event is RunFinished with the report."""
        maker, size = self.rebuilding.makers.chosen, self.settings.batch_size
        run = self._runs(maker).memory_test().run(batches, size, stopped.is_set)
        run = self._recorded(RunKind.MEMORY_TEST, run)
        yield from self._work.seat.working(maker, run, stopped)

    def start_trace(self, role: ProcessRole, frames: int = 1, *, native: bool = False) -> None:
        """Begin to record where a process allocates; see `AllocationTracer.start`."""
        if role is ProcessRole.ENGINE:
            for _ in self._work.seat.embedder(self._maker).ensure_ready():
                pass
        self._work.tracer(self._maker).start(role, frames, native=native)

    def stop_trace(self, role: ProcessRole) -> AllocationTrace:
        """End that recording, and say what is still held of what was allocated meanwhile."""
        return self._work.tracer(self._maker).stop(role)

    def status(self) -> IndexStatus:
        """How the index stands."""
        ledger, store = self._folder.ledger, self.rebuilding.serving_store()
        size = store.size()
        return IndexStatus(
            counts=ledger.counts(),
            rows=size.rows,
            bytes_on_disk=size.bytes_on_disk,
            fragments=size.fragments,
            reclaimable_bytes=size.reclaimable_bytes,
            model=self.rebuilding.serving_model(),
            roots=tuple(ledger.roots()),
            rebuild=self.rebuilding.status(),
            works_on=ledger.get_meta(WORKS_ON) or "",
            disk=self.disk_use(),
        )

    def describe_rebuild(self, settings: Settings) -> RebuildCost | None:
        """What it takes until the index is as these settings want it; None if nothing.

        Raises:
            ModelError: Their model cannot be used.
        """
        return self.rebuilding.cost(settings)

    def close(self) -> None:
        """End the children, close the store and the ledger, free the data folder."""
        self._work.close()
        self._folder.close()

    @property
    def _maker(self) -> IndexMaker:
        """Whose model is in memory, or would be loaded next."""
        return self._work.seat.maker or self.rebuilding.serving_maker()

    @property
    def _reclaimer(self) -> Reclaimer:
        return self._work.seat.reclaimer(self._maker)

    def _recorded(
        self, kind: RunKind, run: Generator[IndexEvent, None, None]
    ) -> Generator[IndexEvent, None, None]:
        recorder = wiring.run_recorder(self.settings, self.paths, kind, self.monitor)
        return recorded(run, recorder, self.monitor.picture)

    def _runs(self, maker: IndexMaker) -> RunAssembly:
        seat = self._work.seat
        return RunAssembly(
            maker.settings,
            self.monitor,
            self._work.witness,
            seat.embedder(maker),
            seat.reclaimer(maker),
            settings_now=lambda: self.settings,
            engine_facts=lambda: seat.engine_facts(maker),
        )

    def _run_parts(self, maker: IndexMaker, edition: Edition, stopped: threading.Event) -> RunParts:
        return self._runs(maker).index_parts(
            self._folder.ledger,
            self._folder.store_of(edition),
            self._work.reader,
            edition.index_key,
            wiring.chunk_rules(maker.settings, maker.card),
            stopped.is_set,
            self._work.seat.take(maker).begin_start,
            lambda: self._folder.cache_bytes,
        )
