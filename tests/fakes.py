"""Hand-made stand-ins with scripted behaviour, shared by the tests."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vext_desktop.documents.chunker import Chunk
from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.errors import ChildDiedError, ChildHungError, EmbeddingError
from vext_desktop.events import CleanupFinished, IndexEvent
from vext_desktop.index.work import FileWork, PendingChunk
from vext_desktop.readings import (
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    ProcessRole,
    ProgramReading,
)

MB = 1_000_000
DIMENSION = 4


def reading(rss_mb: float, held_mb: float | None = None, at_s: float = 0.0) -> ProgramReading:
    """A reading of one process with these resident (and held) megabytes."""
    held = None if held_mb is None else int(held_mb * MB)
    process = MemoryReading(ProcessRole.ENGINE, 7, int(rss_mb * MB), 10 * MB, 20 * MB, held)
    return ProgramReading(at_s, (process,))


class FakeMonitor:
    """Gives the scripted readings one after the other, the last one for ever."""

    def __init__(self, *rss_mb: float) -> None:
        self._script = list(rss_mb) or [100.0]

    def read(self) -> ProgramReading:
        rss_mb = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return reading(rss_mb)

    def last(self, role: ProcessRole) -> MemoryReading | None:
        return self.read().of(role)

    def recent(self, role: ProcessRole) -> tuple[ProgramReading, ...]:
        return (self.read(),)


class FakeReclaimer:
    """Notes what it was asked for; exact readings come from the monitor's script."""

    def __init__(self, monitor: FakeMonitor, held_mb: float | None = None) -> None:
        self.calls: list[str] = []
        self._monitor = monitor
        self._held_mb = held_mb

    def measure(self) -> ProgramReading:
        return reading(self._monitor.read().rss_bytes / MB, self._held_mb)

    def free_memory(self, trigger: str) -> CleanupReceipt:
        self.calls.append(f"free {trigger}")
        return CleanupReceipt(CleanupAction.FREE_MEMORY, trigger, reading(2), reading(1), 0.01)

    def reload_model(self, trigger: str) -> Iterator[IndexEvent]:
        self.calls.append(f"reload {trigger}")
        receipt = CleanupReceipt(CleanupAction.RELOAD_MODEL, trigger, reading(2), reading(1), 0.01)
        yield CleanupFinished(receipt)


class FlakyHost:
    """An engine that embeds texts deterministically, except where its script says otherwise.

    Args:
        deadly: Texts that kill the process, however they are batched.
        bad: Texts for which it answers with an error.
        broken_starts: How many starts end in death.
        nan: Texts that get a vector of NaN.
        hangs: Whether a deadly text makes it hang instead of die.
    """

    def __init__(
        self,
        *,
        deadly: Sequence[str] = (),
        bad: Sequence[str] = (),
        nan: Sequence[str] = (),
        broken_starts: int = 0,
        hangs: bool = False,
        fails: Callable[[int], bool] = lambda _call: False,
    ) -> None:
        self.info: EmbedderInfo | None = None
        self.pid: int | None = None
        self.seconds_since_start = 0.0
        self.fresh_rss_bytes: int | None = None
        self.note = ""
        self.starts = 0
        self.begun = 0
        self.dies_when_begun = False
        self._begun: Sequence[str] = ()
        self.calls: list[int] = []
        self._deadly, self._bad, self._nan = set(deadly), set(bad), set(nan)
        self._broken_starts = broken_starts
        self._hangs = hangs
        self._fails = fails

    def begin_start(self) -> None:
        if self.pid is None:
            self.starts += 1
            self.pid = 1000 + self.starts

    def is_ready(self, wait_s: float) -> bool:
        if self._broken_starts > 0:
            self._broken_starts -= 1
            self._die()
        self.info = EmbedderInfo("fake", "fake", DIMENSION, 256, "", "cpu", False)
        return True

    def embed(self, texts: Sequence[str]) -> EmbeddedBatch:
        if texts != ["Vext Desktop"]:
            self.calls.append(len(texts))
            if self._fails(len(self.calls)):
                raise EmbeddingError("The engine gave an error, as scripted.")
        if self._deadly & set(texts):
            self._die()
        if self._bad & set(texts):
            raise EmbeddingError("The engine cannot take this text.")
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        for row, text in enumerate(texts):
            vectors[row, len(text) % DIMENSION] = np.nan if text in self._nan else 1.0
        return EmbeddedBatch(vectors, 0)

    def begin_embed(self, texts: Sequence[str]) -> None:
        if self.dies_when_begun:
            self._die()
        self._begun = texts
        self.begun += 1

    def finish_embed(self) -> EmbeddedBatch:
        return self.embed(self._begun)

    def restart(self) -> None:
        self.pid = None
        self.begin_start()

    def free_memory(self) -> None:
        return None

    def read_memory(self) -> dict[str, object] | None:
        return None

    def ask(self, question: dict[str, object]) -> dict[str, object] | None:
        return None

    def close(self) -> None:
        self.pid = None

    def _die(self) -> None:
        self.pid = None
        self.info = None
        if self._hangs:
            raise ChildHungError("engine", 120.0)
        raise ChildDiedError("engine", -9, "last words")


def chunks(*texts: str, path: str = "/notes.txt") -> list[PendingChunk]:
    """Texts as chunks of one file, on their way to the model."""
    work = FileWork(1, 1, path, 100, 0, chunks_read=len(texts))
    return [
        PendingChunk(work, Chunk(place, text, 0, len(text), None, ""))
        for place, text in enumerate(texts)
    ]
