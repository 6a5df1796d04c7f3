"""Steps of a file through the ledger, for tests of ledger, view and search."""

from pathlib import Path

from vext_desktop.documents.scanner import FoundFile
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import FileRecord, NotedFiles
from vext_desktop.outcomes import Outcome

KEY = "model-a/1000/200"


def found(
    path: Path | str, size: int = 10, mtime: int = 1, outcome: Outcome | None = None
) -> FoundFile:
    """A file as the scanner gives it."""
    return FoundFile(str(path), size, mtime, outcome, "")


def scan(ledger: Ledger, root: Path, *files: FoundFile, key: str = KEY) -> tuple[int, NotedFiles]:
    """A complete scan of one root that meets these files."""
    run_id = ledger.begin_run([root])
    noted = ledger.note_found(files, run_id, key)
    ledger.finish_scan([root], run_id)
    return run_id, noted


def index_next(ledger: Ledger, run_id: int, content_hash: str = "h", key: str = KEY) -> FileRecord:
    """Take the next waiting file all the way into the index."""
    record = ledger.next_waiting(run_id)
    assert record is not None
    generation = ledger.begin_file(record.file_id, content_hash)
    ledger.finish_file(record.file_id, generation, 3, record.size_bytes, record.mtime_ns, key)
    return record_of(ledger, record.file_id)


def index_all(ledger: Ledger, run_id: int, key: str = KEY) -> None:
    """Take all waiting files into the index; each has a content of its own."""
    while (record := ledger.next_waiting(run_id)) is not None:
        generation = ledger.begin_file(record.file_id, f"hash of {record.path}")
        ledger.finish_file(record.file_id, generation, 1, record.size_bytes, record.mtime_ns, key)


def record_of(ledger: Ledger, file_id: int) -> FileRecord:
    """What the ledger knows of a file."""
    return ledger.files_by_id([file_id])[file_id]


def state_at(ledger: Ledger, path: Path | str) -> Outcome | None:
    """The state of the file at a path."""
    return next((file.state for file in ledger.files() if file.path == str(path)), None)
