"""One side of the bench, in a process of its own: embeds when told, and says how it went."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.output import print_json
from vext_desktop.cli.session import Session
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.plain_encode import load_plain_encode
from vext_desktop.embedding.process_host import HostTimeouts, ProcessHost
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe
from vext_desktop.readings import ProcessRole

if TYPE_CHECKING:
    from vext_desktop.supervision.parent import ChildProcess

Embed = Callable[[list[str]], object]


def serve_side(side: str, session: Session, batch_size: int) -> int:
    """Answer the bench's parent until it closes our standard input.

    The first line holds the texts; each line after it asks for one round. Every answer has the
    seconds of the round, and the peak of resident memory of all our processes so far in bytes.

    Args:
        side: "ours": the engine in its process, in batches; "plain": sentence-transformers'
            own `encode` in this process.
        session: Whose settings count.
        batch_size: Texts in a batch.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    monitor = MemoryMonitor(create_probe(ProcessRole.WINDOW))
    first = sys.stdin.readline()
    if not first:
        return 0
    texts: list[str] = json.loads(first)["texts"]
    open_side = _open_ours if side == "ours" else _open_plain
    with open_side(session, batch_size, monitor) as embed:
        embed(texts)
        _answer(monitor, 0.0)
        while sys.stdin.readline():
            started = time.perf_counter()
            embed(texts)
            _answer(monitor, time.perf_counter() - started)
    return 0


def _answer(monitor: MemoryMonitor, seconds: float) -> None:
    monitor.read()
    print_json({"seconds": seconds, "peak_rss_bytes": monitor.peaks()["total"]})


@contextmanager
def _open_plain(session: Session, batch_size: int, monitor: MemoryMonitor) -> Iterator[Embed]:
    encode = load_plain_encode(find_model(session.loaded.settings.model).folder, batch_size)

    def embed(texts: list[str]) -> None:
        encode(texts)
        monitor.read()

    yield embed


@contextmanager
def _open_ours(session: Session, batch_size: int, monitor: MemoryMonitor) -> Iterator[Embed]:
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
        session.paths.logs / "bench-engine.log",
        threading.Event(),
        note_start,
        partial(monitor.unregister, ProcessRole.ENGINE),
        note_reading,
    )

    def embed(texts: list[str]) -> None:
        for start in range(0, len(texts), batch_size):
            host.embed(texts[start : start + batch_size])

    try:
        while not host.is_ready(1.0):
            pass
        yield embed
    finally:
        host.close()
