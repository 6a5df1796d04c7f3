"""What a leak verdict was made from, written down as rows of numbers and generic labels."""

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path

from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

MEASURES = ("life", "rss", "heap", "native", "blocks", "arrow", "bounded")
COLUMNS = ["batch", "at_ms", "file", "event"] + [
    f"{role}_{measure}" for role in ProcessRole for measure in MEASURES
]


class Recording(VerdictRecorder):
    """A verdict recorder that also writes down what it was told."""

    def __init__(self, path: Path) -> None:
        super().__init__(1_200_000_000)
        self._rows_file = path
        # On disk at once: kept here, the rows would be a leak of their own.
        self._text = path.open("w", newline="", encoding="utf-8")
        self._table = csv.DictWriter(self._text, COLUMNS, lineterminator="\n")
        self._table.writeheader()
        self._lives: dict[ProcessRole, list[int]] = {}
        self._began_s: float | None = None
        self._batch = self._file = 0
        self._in_hand = ""

    def add(
        self,
        reading: ProgramReading,
        bounded_bytes: Mapping[str, int] | None = None,
        path: str = "",
    ) -> None:
        super().add(reading, bounded_bytes, path)
        self._file += path != self._in_hand
        self._in_hand = path
        self._batch += 1
        if self._began_s is None:
            self._began_s = reading.at_s
        row: dict[str, object] = {
            "batch": self._batch,
            "at_ms": round((reading.at_s - self._began_s) * 1000),
            "file": self._file,
        }
        for process in reading.processes:
            bounded = (bounded_bytes or {}).get(f"{process.role}.native", 0)
            for measure, value in self._numbers(process, bounded).items():
                row[f"{process.role}_{measure}"] = value
        self._table.writerow(row)

    def note(self, event: str) -> None:
        """Something happened after the last batch."""
        self._table.writerow({"batch": self._batch, "event": event})

    def mark_event(self, role: ProcessRole | None = None) -> None:
        super().mark_event(role)
        self.note(f"mark {role or 'all'}")

    def close(self, target: Path) -> None:
        """Compress what was written; the same bytes for the same numbers."""
        self._text.close()
        target.write_bytes(gzip.compress(self._rows_file.read_bytes(), mtime=0))

    def _numbers(self, process: MemoryReading, bounded: int) -> dict[str, int | None]:
        lives = self._lives.setdefault(process.role, [])
        if process.pid not in lives:
            lives.append(process.pid)
        counters = process.counters
        return {
            "life": lives.index(process.pid) + 1,
            "rss": process.rss_bytes,
            "heap": process.heap_bytes,
            "native": process.native_bytes,
            "blocks": counters and counters.blocks_bytes,
            "arrow": counters and counters.arrow_bytes,
            "bounded": bounded or None,
        }
