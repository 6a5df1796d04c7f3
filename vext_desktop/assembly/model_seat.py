"""The one engine that is in memory: whose model it runs, and what keeps it going."""

import contextlib
import threading
from collections.abc import Callable, Generator

from vext_desktop.assembly import wiring
from vext_desktop.assembly.index_makers import IndexMaker
from vext_desktop.assembly.service import proof_check, service_patience
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.embedding.embedder import EmbedderInfo, Vectors
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.embedding.service_host import StopRelay
from vext_desktop.embedding.switching_host import SwitchingHost
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import CancelledError, ChildDiedError, ChildHungError, EmbeddingError
from vext_desktop.events import BatchFinished, IndexEvent
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.search import NO_MODEL_NOTICE, OTHER_MODEL_NOTICE
from vext_desktop.memory.allocator import settle
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import Probe, note_trimmed
from vext_desktop.memory.run_engine import engine_facts
from vext_desktop.paths import Paths
from vext_desktop.supervision.parent import EndOfWait


class ModelSeat:
    """Lets models take turns in one engine.

    Args:
        paths: Where the data lies.
        probe: Reads this process.
        monitor: Knows all processes.
        reader: The reader, of which memory is given back too.
        witness: Says what is known of the engine's death.
        cancelled: When set, every wait for the engine ends at once.
        collect: Runs the garbage collector of this process.
    """

    def __init__(
        self,
        paths: Paths,
        probe: Probe,
        monitor: MemoryMonitor,
        reader: ReaderHost,
        witness: DeathWitness,
        cancelled: threading.Event,
        collect: Callable[[], object],
    ) -> None:
        self._paths = paths
        self._probe = probe
        self._monitor = monitor
        self._reader = reader
        self._witness = witness
        self.relay = StopRelay(cancelled)
        self._collect = collect
        self._host: SwitchingHost | None = None
        self._maker: IndexMaker | None = None
        self._embedder: RetryingEmbedder | None = None
        self._at_work: str | None = None  # name of the model of the run in hand
        self._worked: EmbedderInfo | None = None  # what embedded its latest batch

    @property
    def maker(self) -> IndexMaker | None:
        """Whose model is seated; None before the first."""
        return self._maker

    def take(self, maker: IndexMaker) -> SwitchingHost:
        """Seat a maker's model; not started. Another model that was there is ended."""
        name = maker.model.name
        if self._host is None:
            self._host = SwitchingHost(name, lambda: self._create(maker))
        elif self._host.model != name:
            self._embedder = None
            self._host.seat(name, lambda: self._create(maker))
        self._maker = maker
        return self._host

    def embedder(self, maker: IndexMaker) -> RetryingEmbedder:
        """Turns chunks into vectors of this maker, whatever happens to the engine."""
        host = self.take(maker)
        if self._embedder is None:
            self._embedder = RetryingEmbedder(
                host,
                self.reclaimer(maker),
                self._witness,
                maker.settings.batch_retries,
                service_patience(maker.settings, self.relay),
                proof_check(maker.model, self._paths),
            )
        return self._embedder

    def reclaimer(self, maker: IndexMaker) -> Reclaimer:
        """Gives memory back; `maker` is whose engine would be started by that."""
        host = self._host or self.take(maker)
        return Reclaimer(self._probe, self._monitor, host, self._reader, self._collect)

    def forget_proof(self) -> None:
        """The engine is unloaded: the next one has to prove itself, wherever it runs."""
        self._embedder = None

    def embed_query(self, query: str, maker: IndexMaker) -> Vectors:
        """A question's vector; an engine that died while nobody needed it is replaced first.

        Raises:
            EmbeddingError: The engine's vectors are none of this maker's.
            ServiceError: The service that has the model does not answer; nobody waits for it.
            ConsentError: The question would leave this computer, and nobody has agreed to that.
        """
        host, embedder = self.take(maker), self.embedder(maker)
        for _ in embedder.ensure_ready(is_patient=False):
            pass
        try:
            batch = host.embed([query], as_query=True)
        except (ChildDiedError, ChildHungError):
            for _ in embedder.ensure_ready(is_patient=False):
                pass
            batch = host.embed([query], as_query=True)
        if host.info is not None and host.info.model != maker.model.name:
            raise EmbeddingError(
                f"The engine runs {host.info.model}, but the index was made with "
                f"{maker.model.name}: vectors of two models cannot be compared.",
                "Start the program again.",
            )
        validate_vectors(batch, 1, maker.card.dimension)
        vector: Vectors = batch.vectors[0]
        return vector

    def query_vector(
        self, query: str, maker: IndexMaker, *, may_wait: bool, may_switch: bool
    ) -> tuple[Vectors | None, str]:
        """A question's vector, or None and why there is none; see `Engine.search`."""
        if self._at_work not in {None, maker.model.name} and not may_switch:
            return None, OTHER_MODEL_NOTICE
        try:
            if may_wait or self.take(maker).is_ready(0):
                return self.embed_query(query, maker), ""
        except CancelledError:
            if self.relay.cancelled.is_set():
                raise
            # Only the run was stopped, which ends every wait for its service.
        return None, NO_MODEL_NOTICE

    def working(
        self,
        maker: IndexMaker,
        run: Generator[IndexEvent, None, None],
        stopped: EndOfWait | None = None,
    ) -> Generator[IndexEvent, None, None]:
        """The steps of a run, each with its model seated: a question may have taken its place.

        Args:
            maker: Whose model the run works with.
            run: The run.
            stopped: What stops it, which ends a wait for a service at once.
        """
        self._at_work = maker.model.name
        self._worked = None
        self.relay.stopped = stopped
        try:
            with contextlib.closing(run):
                host = self.take(maker)
                for event in run:
                    if isinstance(event, BatchFinished):
                        self._worked = host.info or self._worked
                    yield event
                    host = self.take(maker)
        finally:
            self._at_work = None
            self.relay.stopped = None

    def engine_facts(self, maker: IndexMaker) -> dict[str, str]:
        """Which engine has embedded for the run in hand, and which was chosen; {} if none has."""
        worked, service = self._worked, maker.model.service
        if worked is None:
            return {}
        chosen = maker.settings.engine if service is None else worked.engine
        return engine_facts(worked.engine, chosen, worked.notice)

    def close(self) -> None:
        """End the engine."""
        if self._host is not None:
            self._host.close()
        self._host = self._embedder = self._maker = None

    def _create(self, maker: IndexMaker) -> EmbedderHost:
        return wiring.create_host(
            maker.settings,
            self._paths,
            maker.model,
            self._monitor,
            self.relay,
            on_loaded=self._settle,
        )

    def _settle(self) -> None:
        """A model was loaded into this process: what lives now will live on."""
        settle(self._collect)
        note_trimmed(self._probe)
