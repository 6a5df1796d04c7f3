"""The runs that a list shows: those of the ledger with their records, and memory tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.errors import RunRecordError
from vext_desktop.index.records import RunRecord
from vext_desktop.index.run_updates import grouped, is_quiet_update, summed
from vext_desktop.memory.run_record import RunHeading, RunKind
from vext_desktop.memory.run_record_file import SUFFIX, read_heading

# A record belongs to the run of its number that began then, and not to one of an older ledger.
SAME_START_S = 120.0


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A row of the list.

    Attributes:
        run: As the ledger knows it; of a memory test made from its record.
        kind: What kind of run.
        record: Where its record lies; None if there is none (any more).
        updates: How many runs of a watcher stand in this row; 0 for a run that was asked for.
        first_id: The number of the first of those.
    """

    run: RunRecord
    kind: RunKind = RunKind.INDEX
    record: Path | None = None
    updates: int = 0
    first_id: int = 0

    @property
    def key(self) -> str:
        """What tells it from all other rows, for ever."""
        return f"{self.kind.value} {self.first_id or self.run.run_id or self.run.started_at}"


class RunShelf:
    """Knows the headings of all records in a folder, reading each only when it has changed.

    Args:
        folder: Where records lie; need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._headings: dict[Path, tuple[int, RunHeading | None]] = {}

    def refresh(self, most: int) -> bool:
        """Look for new and changed records.

        Args:
            most: Headings to read at most (each takes about 0.5 ms).

        Returns:
            Whether there are still some to be read.
        """
        times = _times(self._folder)
        self._headings = {path: held for path, held in self._headings.items() if path in times}
        stale = [
            path
            for path, changed in times.items()
            if path not in self._headings or self._headings[path][0] != changed
        ]
        # The newest first: they are the ones that are looked at.
        stale.sort(key=times.__getitem__, reverse=True)
        for path in stale[:most]:
            self._headings[path] = times[path], _heading(path)
        return len(stale) > most

    @property
    def state(self) -> object:
        """Equal as long as nothing has changed."""
        return frozenset((path, changed) for path, (changed, _) in self._headings.items())

    def list(self, runs: Sequence[RunRecord], most: int) -> list[ListedRun]:
        """Runs of the ledger and memory tests together, the newest first.

        What a watcher has kept up to date on one day, with no other run between, is one row.
        """
        known = {
            heading.run_id: (heading, path)
            for path, (_, heading) in self._headings.items()
            if heading is not None and heading.kind is RunKind.INDEX
        }
        listed = [
            _listed(group, known)
            for group in grouped(sorted(runs, key=lambda run: run.started_at, reverse=True))
        ]
        listed += [
            ListedRun(_as_run(heading), heading.kind, path)
            for path, (_, heading) in self._headings.items()
            if heading is not None and heading.kind is not RunKind.INDEX
        ]
        return sorted(listed, key=lambda each: each.run.started_at, reverse=True)[:most]


def _listed(group: Sequence[RunRecord], known: dict[int, tuple[RunHeading, Path]]) -> ListedRun:
    """One run, or several updates, as a row; the record is that of the newest that has one."""
    records = (_record_of(run, known) for run in group)
    return ListedRun(
        summed(group),
        RunKind.INDEX,
        next((record for record in records if record is not None), None),
        updates=len(group) if is_quiet_update(group[0]) else 0,
        first_id=group[-1].run_id,
    )


def _times(folder: Path) -> dict[Path, int]:
    found = {}
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            found[path] = path.stat().st_mtime_ns
        except OSError:  # dropped a moment ago
            continue
    return found


def _heading(path: Path) -> RunHeading | None:
    """None for a damaged one, so that it is not read again and again."""
    try:
        return read_heading(path)
    except RunRecordError:
        return None


def _record_of(run: RunRecord, known: dict[int, tuple[RunHeading, Path]]) -> Path | None:
    found = known.get(run.run_id)
    if found is None or abs(found[0].started_at - run.started_at) > SAME_START_S:
        return None
    return found[1]


def _as_run(heading: RunHeading) -> RunRecord:
    """A memory test in the words of the ledger."""
    summary: dict[str, object] = {
        "chunks": heading.chunks,
        "batches": heading.batches,
        "seconds": heading.seconds,
        "chunks_per_second": heading.chunks_per_second,
        "peak_rss_bytes": dict(heading.peak_rss_bytes),
        "verdict": {"overall": heading.verdict, "message": heading.message},
    }
    return RunRecord(0, heading.started_at, heading.ended_at, heading.end, (), summary)
