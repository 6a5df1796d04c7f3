"""A file that ends the reader: told in an event, in its reason, and in quarantine in the end."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeMonitor
from ledger_steps import KEY, found, scan
from made_documents import LIMITS

from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.events import ChildDied, FileFinished
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.reading import DocumentStream, StreamItem
from vext_desktop.index.work import Barrier, PendingChunk
from vext_desktop.outcomes import Outcome
from vext_desktop.supervision.parent import ChildProcess

pytestmark = pytest.mark.usefixtures("expected_warnings")


class Stage:
    """A folder with one long text, its ledger, and a real reader."""

    def __init__(self, place: Path) -> None:
        self.pids: list[int] = []
        self.file = place / "docs" / "deadly.txt"
        self.file.parent.mkdir()
        self.file.write_text("One more line of text.\n" * 40_000)
        self.ledger = Ledger(place / "ledger.sqlite")
        self.ledger.add_roots([self.file.parent])
        self.reader = ReaderHost(
            LIMITS, 30.0, place / "reader.log", threading.Event(), self._on_started, lambda: None
        )

    def _on_started(self, child: ChildProcess) -> None:
        self.pids.append(child.pid or 0)

    def run(self) -> list[StreamItem]:
        """A run in which the first chunk of the file ends the reader."""
        status = self.file.stat()
        seen = found(self.file, status.st_size, status.st_mtime_ns)
        run_id, _ = scan(self.ledger, self.file.parent, seen)
        stream = DocumentStream(
            self.ledger,
            self.reader,
            ChunkRules(200, 40),
            KEY,
            DeathWitness(FakeMonitor(96)),
            lambda: False,
            batches=lambda: 5,
        )
        items: list[StreamItem] = []
        for item in stream.read_waiting(run_id):
            if isinstance(item, PendingChunk):
                os.kill(self.pids[-1], signal.SIGSEGV)
            else:
                items.append(item)
        self.ledger.end_run(run_id, "finished", {})
        return items

    def close(self) -> None:
        self.reader.close()
        self.ledger.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
def test_a_file_that_ends_the_reader_is_tried_alone_once_more_and_then_left_alone(
    stage: Stage,
) -> None:
    first, second, third = (stage.run() for _ in range(3))
    (death,) = [item for item in first if isinstance(item, ChildDied)]
    assert death.cause == "signal SIGSEGV: a fault in native code"
    assert (death.batch, death.files) == (5, (str(stage.file),))
    assert death.last_readings
    reason = f"Reading it ended the reader process ({death.cause})."
    end = first[-1]
    assert isinstance(end, FileFinished)
    assert (end.outcome, end.reason) == (Outcome.PARSER_CRASHED, reason)
    assert [type(item) for item in (second[0], second[-1])] == [Barrier, Barrier]
    (record,) = stage.ledger.files_set_aside()
    assert record.is_quarantined
    assert record.reason.startswith(f"{reason} That happened twice")
    assert third == []
