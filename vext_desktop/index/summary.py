"""The summary of a run: counts gathered from its events, as the JSON of `index` promises."""

import time
from collections.abc import Callable, Sequence

from vext_desktop.events import (
    BatchFinished,
    ChildStarted,
    FileFinished,
    FileStarted,
    IndexEvent,
    Progress,
    ScanFinished,
)
from vext_desktop.index.ledger import FileRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import ProcessRole


class RunTally:
    """Counts what a run does, from the events that it yields.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started_s = clock()
        self._first_batch_s: float | None = None
        self._engine_starts = 0
        self.scanned: ScanFinished | None = None
        self.files_indexed = 0
        self.files_unchanged = 0
        self.files_removed = 0
        self.files_done = 0
        self.bytes_done = 0
        self.chunks_done = 0
        self.truncated_tokens = 0
        self.batches = 0
        self._size_in_hand = 0
        self._bytes_in_hand = 0

    def note(self, event: IndexEvent) -> None:
        """Take one event into account."""
        match event:
            case ScanFinished():
                self.scanned = event
                self.files_removed += event.files_removed
            case BatchFinished():
                self.batches += 1
                self.truncated_tokens += event.truncated_tokens
            case FileStarted():
                self._size_in_hand = event.size_bytes
            case FileFinished(outcome=Outcome.INDEXED):
                self.files_indexed += 1
            case FileFinished(outcome=Outcome.NOT_EMBEDDED):
                pass  # counted when its last batch was settled, like the indexed ones
            case FileFinished():
                self.files_unchanged += event.outcome is Outcome.UNCHANGED
                self._count_file(self._size_in_hand)
            case ChildStarted(role=ProcessRole.ENGINE):
                self._engine_starts += 1
            case _:
                pass

    def note_embedded(self, chunks: int, bytes_in_hand: int) -> None:
        """Chunks have vectors now; `bytes_in_hand` is roughly how far their file is."""
        self.chunks_done += chunks
        self._bytes_in_hand = bytes_in_hand

    def note_settled(self, size_bytes: int) -> None:
        """Nothing of a file is on its way to the model any more."""
        self._count_file(size_bytes)

    def _count_file(self, size_bytes: int) -> None:
        self.files_done += 1
        self.bytes_done += size_bytes
        self._bytes_in_hand = 0

    def note_batch_begins(self) -> None:
        """The rate counts from the first batch: loading the model is not indexing."""
        if self._first_batch_s is None:
            self._first_batch_s = self._clock()

    def progress(self) -> Progress:
        """How far the run is."""
        first = self._first_batch_s
        return Progress(
            files_done=self.files_done,
            files_total=self.scanned.files_waiting if self.scanned else 0,
            bytes_done=self.bytes_done + self._bytes_in_hand,
            bytes_total=self.scanned.bytes_waiting if self.scanned else 0,
            chunks_done=self.chunks_done,
            seconds=self._clock() - first if first is not None else 0.0,
        )

    def summary(
        self,
        set_aside: Sequence[FileRecord],
        peaks: dict[str, int],
        verdict: dict[str, object],
        engine_facts: dict[str, str],
    ) -> dict[str, object]:
        """The promised JSON object.

        Args:
            set_aside: The files under the run's folders that are not in the index.
            peaks: Highest RSS in bytes of "window", "engine", "reader" and "total".
            verdict: What the leak verdict is.
            engine_facts: Which engine did the work, and which was chosen; {} if none was needed.
        """
        progress = self.progress()
        unchanged = self.scanned.files_unchanged if self.scanned else 0
        return {
            "files": {
                "indexed": self.files_indexed,
                "unchanged": unchanged + self.files_unchanged,
                "removed": self.files_removed,
                "set_aside": len(set_aside),
            },
            "set_aside": [
                {"path": record.path, "kind": str(record.state), "reason": record.reason}
                for record in set_aside
            ],
            "chunks": self.chunks_done,
            "truncated_tokens": self.truncated_tokens,
            "seconds": round(self._clock() - self._started_s, 3),
            "chunks_per_second": round(progress.chunks_per_second, 2),
            "batches": self.batches,
            "engine_restarts": max(0, self._engine_starts - 1),
            "peak_rss_bytes": peaks,
            "verdict": verdict,
            **engine_facts,
        }
