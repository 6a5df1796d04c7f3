"""The ancestor's memory test, carried on: embed, report, clean up, report again, judge."""

import time
from collections.abc import Callable, Generator, Mapping

from vext_desktop.documents.chunker import Chunk
from vext_desktop.errors import CancelledError
from vext_desktop.events import (
    BatchFinished,
    CleanupFinished,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
)
from vext_desktop.index.batch_loop import BatchLoop
from vext_desktop.index.memory_report import (
    bands_json,
    change_json,
    reading_json,
    receipt_json,
)
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.work import EmbeddedChunks, FileWork, PendingChunk
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.readings import CleanupReceipt, ProgramBands, ProgramReading

PRACTICE_NAME = "practice text"


class MemoryTest:
    """Runs batches of practice text through the very loop that indexing uses.

    Args:
        embedder: The engine, made ready first so that loading it counts as "before".
        loop: The batch loop.
        reclaimer: Reads exactly, and cleans up at the end.
        verdict: What the loop gathers readings in.
        take_picture: The owner bands now; None where this system cannot tell them.
        conditions: Tells what was tested ("engine", "isolation"), for the report.
    """

    def __init__(
        self,
        embedder: RetryingEmbedder,
        loop: BatchLoop,
        reclaimer: Reclaimer,
        verdict: VerdictRecorder,
        take_picture: Callable[[], ProgramBands | None],
        conditions: Callable[[], Mapping[str, str]],
    ) -> None:
        self._embedder = embedder
        self._loop = loop
        self._reclaimer = reclaimer
        self._verdict = verdict
        self._take_picture = take_picture
        self._conditions = conditions
        self._receipts: list[CleanupReceipt] = []

    def run(
        self, batches: int, size: int, stopped: Callable[[], bool]
    ) -> Generator[IndexEvent, None, None]:
        """Embed, measure, clean up, measure; the last event carries the report.

        Args:
            batches: How many batches.
            size: Texts in each.
            stopped: Asked between batches.
        """
        yield from self._embedder.ensure_ready()
        before, pictured = self._reclaimer.measure(), self._take_picture()
        done, embedding_s = yield from self._embed(batches, size, stopped)
        after = self._reclaimer.measure()
        receipt = self._reclaimer.free_memory("you")
        self._receipts.append(receipt)
        yield CleanupFinished(receipt)
        end = RunEnd.STOPPED if stopped() else RunEnd.FINISHED
        report = {
            **self._levels(before, after, receipt, pictured),
            "slope_mb_per_100_batches": self._verdict.slopes(),
            "verdict": self._verdict.verdicts(),
            "receipts": [receipt_json(receipt) for receipt in self._receipts],
            "milliseconds_per_batch": round(1000 * embedding_s / done, 2) if done else None,
            "batches": done,
            **self._conditions(),
        }
        yield RunFinished(0, end, report)

    def _embed(
        self, batches: int, size: int, stopped: Callable[[], bool]
    ) -> Generator[IndexEvent, None, tuple[int, float]]:
        """Embed practice text; returns how many batches that were and the seconds they took."""
        started, done = time.monotonic(), 0
        embedding_s = 0.0

        def progress() -> Progress:
            seconds = time.monotonic() - started
            return Progress(done, batches, done, batches, done * size, seconds)

        for texts in practice_batches(batches, size):
            if stopped():
                break
            done += 1
            try:
                for event in self._loop.process(_as_chunks(texts), _forget, progress):
                    if isinstance(event, CleanupFinished):
                        self._receipts.append(event.receipt)
                    elif isinstance(event, BatchFinished):
                        embedding_s += event.seconds
                    yield event
            except CancelledError:
                if not stopped():
                    raise
                done -= 1  # a service was not waited for any longer
                break
        return done, embedding_s

    @staticmethod
    def _levels(
        before: ProgramReading,
        after: ProgramReading,
        cleaned: CleanupReceipt,
        pictured: ProgramBands | None,
    ) -> dict[str, object]:
        share = cleaned.bands_before.explained_share if cleaned.bands_before else None
        return {
            "before": reading_json(before),
            "after": reading_json(after),
            "after_cleanup": reading_json(cleaned.after),
            "change": change_json(before, after),
            "explained_share": None if share is None else round(share, 4),
            "bands": {
                "before": bands_json(pictured),
                "after": bands_json(cleaned.bands_before),
                "after_cleanup": bands_json(cleaned.bands_after),
            },
        }


def _as_chunks(texts: list[str]) -> list[PendingChunk]:
    work = FileWork(0, 0, PRACTICE_NAME, 0, 0, chunks_read=len(texts))
    return [
        PendingChunk(work, Chunk(place, text, 0, len(text), None, ""))
        for place, text in enumerate(texts)
    ]


def _forget(embedded: EmbeddedChunks) -> None:
    """The test stores nothing; the vectors end here."""
    del embedded
