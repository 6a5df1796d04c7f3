"""Files whose path holds a text: found beside the window, for that takes longer than a key may."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.index.records import FileBand, FileRecord
from vext_desktop.window.run_job import RunJob

if TYPE_CHECKING:
    from array import array


class FoundFiles:
    """A list of files whose numbers are known, in their order; one whose file is gone is left out.

    Args:
        view: What the files are read from.
        file_ids: Their numbers; put others in their place when the list changes.
    """

    def __init__(self, view: LedgerView, file_ids: "array[int]") -> None:
        self.file_ids = file_ids
        self._view = view

    def page(self, _band: FileBand, offset: int, limit: int, /) -> list[FileRecord]:
        """Some of the files."""
        return self._view.records(self.file_ids[offset : offset + limit])


class FileFinder(QObject):
    """Looks through all paths of a ledger in another thread; of several questions the last counts.

    Args:
        ledger_path: The ledger's file.
        parent: The owner.
    """

    found = Signal(object, object)
    """The question, as (band, text), and the numbers of the files."""
    failed = Signal(object)
    """A StoreError."""

    def __init__(self, ledger_path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._ledger_path = ledger_path
        self._wanted: tuple[FileBand, str] | None = None
        self._job: RunJob | None = None

    def find(self, band: FileBand, text: str) -> None:
        """Look for the files of a band whose path holds a text; `found` follows."""
        self._wanted = (band, text)
        if self._job is None:
            self._begin(band, text)

    def stop(self) -> None:
        """Nothing more is told; waits for what is in hand."""
        self._wanted = None
        if self._job is not None:
            self._job.join()
            self._job = None

    def _begin(self, band: FileBand, text: str) -> None:
        def look() -> object:
            # A view of its own: a connection belongs to one thread.
            with LedgerView(self._ledger_path) as view:
                return (band, text), view.find(band, text)

        self._wanted = None
        self._job = RunJob(look, self)
        self._job.done.connect(self._on_done)
        self._job.failed.connect(self._on_failed)
        self._job.start()

    @Slot(object)
    def _on_done(self, result: "tuple[tuple[FileBand, str], array[int]]") -> None:
        self._job = None
        if self._wanted is None or self._wanted == result[0]:
            self.found.emit(*result)
        if self._wanted is not None and self._job is None:
            self._begin(*self._wanted)

    @Slot(object)
    def _on_failed(self, error: StoreError) -> None:
        self._job = self._wanted = None
        self.failed.emit(error)
