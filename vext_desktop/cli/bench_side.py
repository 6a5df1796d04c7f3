"""One side of the bench, in a process of its own: embeds when told, and says how it went."""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from vext_desktop.cli.bench_race import PLAIN
from vext_desktop.cli.output import print_json
from vext_desktop.cli.session import Session
from vext_desktop.embedding.arithmetic import measure_matrix_peak
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.plain_encode import PLAIN_BATCH_SIZE, load_plain_encode
from vext_desktop.embedding.process_host import HostTimeouts, ProcessHost
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe
from vext_desktop.readings import ProcessRole

if TYPE_CHECKING:
    from vext_desktop.supervision.parent import ChildProcess

_WARM_UP_BATCH_SIZE = 2  # small: the peak of the first size must not be that of the warming up


class Side(Protocol):
    """What embeds in turns."""

    @property
    def engine(self) -> str:
        """What it really is."""

    def embed(self, texts: list[str], batch_size: int, /) -> None:
        """Embed all texts."""

    def cpu_s(self) -> float:
        """Processor time that it has used so far, in all its processes."""

    def peak_rss_bytes(self) -> int:
        """The most that the process of its model has held."""


def serve_side(side: str, session: Session) -> int:
    """Answer the bench's parent until it closes our standard input.

    The first line holds the texts; each line after it asks for one round with a batch size, or for
    the peak of the machine. The answer to a round has the seconds and the processor seconds it
    took, and the peak of resident memory of the model's process so far in bytes.

    Args:
        side: The name of an engine, which has its own process and gets batches; or "plain":
            sentence-transformers' own `encode` in this process.
        session: Whose settings count.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    monitor = MemoryMonitor(create_probe(ProcessRole.WINDOW))
    first = sys.stdin.readline()
    if not first:
        return 0
    texts: list[str] = json.loads(first)["texts"]
    open_side = _open_plain if side == PLAIN else _open_engine
    with open_side(session, monitor) as racer:
        racer.embed(texts, _WARM_UP_BATCH_SIZE)
        print_json({"engine": racer.engine})
        while line := sys.stdin.readline():
            request = json.loads(line)
            if "matrix_peak" in request:
                print_json({"gflops": measure_matrix_peak(request["matrix_peak"])})
            else:
                print_json(_race(racer, texts, request["batch_size"]))
    return 0


def _race(racer: Side, texts: list[str], batch_size: int) -> dict[str, Any]:
    started, cpu_before_s = time.perf_counter(), racer.cpu_s()
    racer.embed(texts, batch_size)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_s": racer.cpu_s() - cpu_before_s,
        "peak_rss_bytes": racer.peak_rss_bytes(),
    }


class _PlainSide:
    """`SentenceTransformer.encode` as its manual shows it, with its own batch size."""

    engine = PLAIN

    def __init__(self, session: Session, monitor: MemoryMonitor) -> None:
        settings = session.loaded.settings
        self._monitor = monitor
        self._encode = load_plain_encode(
            find_model(settings.model).folder, PLAIN_BATCH_SIZE, settings.engine_threads
        )

    def embed(self, texts: list[str], _batch_size: int, /) -> None:
        self._encode(texts)

    def cpu_s(self) -> float:
        return time.process_time()

    def peak_rss_bytes(self) -> int:
        self._monitor.read()
        return self._monitor.peaks()["total"]


class _EngineSide:
    """One of our engines in its process, in batches; what handing them over takes counts too."""

    def __init__(self, host: ProcessHost, monitor: MemoryMonitor) -> None:
        self._host = host
        self._monitor = monitor
        self._process = psutil.Process(host.pid)

    @property
    def engine(self) -> str:
        return self._host.info.engine if self._host.info else ""

    def embed(self, texts: list[str], batch_size: int, /) -> None:
        for start in range(0, len(texts), batch_size):
            self._host.embed(texts[start : start + batch_size])

    def cpu_s(self) -> float:
        used = self._process.cpu_times()
        return float(used.user + used.system + time.process_time())

    def peak_rss_bytes(self) -> int:
        self._monitor.read()
        return self._monitor.peaks()[ProcessRole.ENGINE]


@contextmanager
def _open_plain(session: Session, monitor: MemoryMonitor) -> Iterator[Side]:
    yield _PlainSide(session, monitor)


@contextmanager
def _open_engine(session: Session, monitor: MemoryMonitor) -> Iterator[Side]:
    settings = session.loaded.settings
    files = find_model(settings.model)

    def note_start(child: "ChildProcess") -> None:
        if child.pid is not None:
            monitor.register(ProcessRole.ENGINE, child.pid, child.monitor)

    def note_reading(reading: dict[str, Any]) -> None:
        monitor.post(ProcessRole.ENGINE, reading)
        monitor.read()

    session.paths.create()
    host = ProcessHost(
        EmbedderChoice(
            engine=settings.engine,
            model_folder=str(files.folder),
            model_name=files.name,
            prepared_models=str(session.paths.prepared_models),
            threads=settings.engine_threads,
        ),
        HostTimeouts(settings.engine_start_timeout_s, settings.batch_timeout_s),
        session.paths.logs / f"bench-{settings.engine}.log",
        threading.Event(),
        note_start,
        partial(monitor.unregister, ProcessRole.ENGINE),
        note_reading,
    )

    try:
        while not host.is_ready(1.0):
            pass
        yield _EngineSide(host, monitor)
    finally:
        host.close()
