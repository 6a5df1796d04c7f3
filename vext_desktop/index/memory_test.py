"""The ancestor's memory test, carried on: embed, report, clean up, report again, judge."""

import time
from collections.abc import Callable, Generator

from vext_desktop.documents.chunker import Chunk
from vext_desktop.events import CleanupFinished, IndexEvent, Progress, RunEnd, RunFinished
from vext_desktop.index.batch_loop import BatchLoop
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.work import EmbeddedChunks, FileWork, PendingChunk
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.readings import CleanupReceipt, MemoryReading, ProgramReading

PRACTICE_NAME = "practice text"


class MemoryTest:
    """Runs batches of practice text through the very loop that indexing uses.

    Args:
        embedder: The engine, made ready first so that loading it counts as "before".
        loop: The batch loop.
        reclaimer: Reads exactly, and cleans up at the end.
        verdict: What the loop gathers readings in.
        explain: The share of RSS that the known bands explain; None where it cannot be told.
    """

    def __init__(
        self,
        embedder: RetryingEmbedder,
        loop: BatchLoop,
        reclaimer: Reclaimer,
        verdict: VerdictRecorder,
        explain: Callable[[ProgramReading], float | None],
    ) -> None:
        self._embedder = embedder
        self._loop = loop
        self._reclaimer = reclaimer
        self._verdict = verdict
        self._explain = explain
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
        before = self._reclaimer.measure()
        started, done = time.monotonic(), 0
        embedding_s = 0.0

        def progress() -> Progress:
            seconds = time.monotonic() - started
            return Progress(done, batches, done, batches, done * size, seconds)

        for texts in practice_batches(batches, size):
            if stopped():
                break
            done += 1
            begun = time.monotonic()
            for event in self._loop.process(_as_chunks(texts), _forget, progress):
                if isinstance(event, CleanupFinished):
                    self._receipts.append(event.receipt)
                yield event
            embedding_s += time.monotonic() - begun
        after = self._reclaimer.measure()
        receipt = self._reclaimer.free_memory("you")
        self._receipts.append(receipt)
        yield CleanupFinished(receipt)
        end = RunEnd.STOPPED if stopped() else RunEnd.FINISHED
        milliseconds = 1000 * embedding_s / done if done else None
        yield RunFinished(0, end, self._report(before, after, receipt.after, milliseconds))

    def _report(
        self,
        before: ProgramReading,
        after: ProgramReading,
        cleaned: ProgramReading,
        milliseconds_per_batch: float | None,
    ) -> dict[str, object]:
        share = self._explain(after)
        return {
            "before": _reading_json(before),
            "after": _reading_json(after),
            "after_cleanup": _reading_json(cleaned),
            "change": {
                "rss": after.rss_bytes - before.rss_bytes,
                "heap": _difference(after.heap_bytes, before.heap_bytes),
                "native": _difference(after.native_bytes, before.native_bytes),
            },
            "slope_mb_per_100_batches": self._verdict.slopes(),
            "explained_share": None if share is None else round(share, 4),
            "verdict": self._verdict.verdicts(),
            "receipts": [_receipt_json(receipt) for receipt in self._receipts],
            "milliseconds_per_batch": milliseconds_per_batch and round(milliseconds_per_batch, 2),
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


def _reading_json(reading: ProgramReading) -> dict[str, object]:
    return {
        **_bands(reading),
        "processes": {str(process.role): _bands(process) for process in reading.processes},
    }


def _bands(reading: ProgramReading | MemoryReading) -> dict[str, object]:
    return {
        "rss": reading.rss_bytes,
        "heap": reading.heap_bytes,
        "native": reading.native_bytes,
        "held": reading.held_bytes,
    }


def _receipt_json(receipt: CleanupReceipt) -> dict[str, object]:
    return {
        "action": str(receipt.action),
        "trigger": receipt.trigger,
        "promised_bytes": receipt.promised_bytes,
        "returned_bytes": receipt.returned_bytes,
        "milliseconds": round(receipt.seconds * 1000, 1),
        "sentence": receipt.sentence,
    }


def _difference(later: int | None, earlier: int | None) -> int | None:
    return None if later is None or earlier is None else later - earlier
