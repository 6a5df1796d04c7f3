"""How the parts of one run are made: the batch loop, the stream of documents, the writer."""

from collections.abc import Callable, Mapping

from vext_desktop.assembly import wiring
from vext_desktop.assembly.service import batch_size
from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.index.admission import Admission
from vext_desktop.index.batch_loop import BatchLoop
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.indexer import RunParts
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.memory_test import MemoryTest
from vext_desktop.index.raised_limits import LIMITS, let_read_again
from vext_desktop.index.reading import DocumentStream
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.store import Store
from vext_desktop.index.tidying import TIDYING_TAKES_MEMORY
from vext_desktop.index.writer import GroupWriter
from vext_desktop.memory.budget import Budget
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.pacing import PacingRules
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.settings import Settings


class RunAssembly:
    """Makes what a run works with, anew for each run.

    Args:
        settings: What the user chose.
        monitor: Reads all our processes.
        witness: Tells how a child died.
        embedder: The engine, whatever happens to it.
        reclaimer: Gives memory back.
        settings_now: The settings of this moment: limits and delays may change during a run.
        engine_facts: Tells which engine has done the work, for the summary.
    """

    def __init__(
        self,
        settings: Settings,
        monitor: MemoryMonitor,
        witness: DeathWitness,
        embedder: RetryingEmbedder,
        reclaimer: Reclaimer,
        settings_now: Callable[[], Settings],
        engine_facts: Callable[[], dict[str, str]],
    ) -> None:
        self._settings = settings
        self._settings_now = settings_now
        self._engine_facts = engine_facts
        self._monitor = monitor
        self._witness = witness
        self._embedder = embedder
        self._reclaimer = reclaimer

    def memory_test(self) -> MemoryTest:
        """The memory test, on the very loop that indexing uses."""
        verdict = self._verdict_recorder()
        return MemoryTest(
            self._embedder,
            self._batch_loop(verdict),
            self._reclaimer,
            verdict,
            self._monitor.picture,
            lambda: {**self._engine_facts(), "isolation": self._settings.isolation},
        )

    def index_parts(
        self,
        ledger: Ledger,
        store: Store,
        reader: ReaderHost,
        index_key: str,
        rules: ChunkRules,
        stopped: Callable[[], bool],
        begin_start: Callable[[], None],
        cache_bytes: Callable[[], int],
    ) -> RunParts:
        """What an indexing run works with; see `RunParts`.

        `cache_bytes` measures the caches of all open tables: while an index is rebuilt, searches
        fill those of another one than the run writes to.
        """
        settings, verdict = self._settings, self._verdict_recorder()
        limits = {name: getattr(settings, name) for name in LIMITS}
        ocr_languages = settings.ocr_languages if settings.ocr == "tesseract" else ""
        let_read_again(ledger, limits, ocr_languages)
        writer = GroupWriter(store, ledger, index_key, settings.rows_per_write)

        def bounded() -> dict[str, int]:
            return {"window.native": cache_bytes() + writer.waiting_bytes}

        admission = Admission(
            self._monitor,
            self._budget_now,
            settings.reader_memory_mb * wiring.MB,
        )
        loop = self._batch_loop(
            verdict,
            bounded,
            admission.budget_now,
            stopped,
            lambda: TIDYING_TAKES_MEMORY if store.is_maintaining else "",
        )
        stream = DocumentStream(
            ledger,
            reader,
            rules,
            index_key,
            self._witness,
            stopped,
            batches=lambda: loop.batches,
            admission=admission,
        )
        return RunParts(
            ledger=ledger,
            store=store,
            stream=stream,
            loop=loop,
            writer=writer,
            monitor=self._monitor,
            verdict=verdict,
            scan_rules=wiring.scan_rules(settings, ledger),
            index_key=index_key,
            chunk_size=settings.chunk_size,
            begin_start=begin_start,
            engine_facts=self._engine_facts,
        )

    def _budget_now(self, used_bytes: int) -> Budget:
        return wiring.budget_now(self._settings_now(), used_bytes)

    def _pacing_rules(self) -> PacingRules:
        """Delays as they are chosen now; the size of a batch goes with the model of the run."""
        now = self._settings_now()
        return PacingRules(
            now.delay_min_ms / 1000, now.delay_max_ms / 1000, batch_size(self._settings)
        )

    def _verdict_recorder(self) -> VerdictRecorder:
        used_bytes = self._monitor.read().rss_bytes
        return VerdictRecorder(self._budget_now(used_bytes).limit_bytes)

    def _batch_loop(
        self,
        verdict: VerdictRecorder,
        bounded: Callable[[], Mapping[str, int]] = dict,
        budget: Callable[[int], Budget] | None = None,
        stopped: Callable[[], bool] = lambda: False,
        meanwhile: Callable[[], str] = str,
    ) -> BatchLoop:
        return BatchLoop(
            self._embedder,
            self._monitor,
            self._reclaimer,
            budget or self._budget_now,
            self._pacing_rules,
            wiring.warning_watch(self._settings),
            verdict,
            bounded,
            stopped,
            meanwhile,
        )
