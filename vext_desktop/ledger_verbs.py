"""What front ends ask of the ledger and need no model, store or child for."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.records import FileRecord
from vext_desktop.outcomes import Outcome


class LedgerVerbs:
    """The part of the engine that only looks into its ledger, or writes there."""

    _folder: DataFolder

    @property
    def has_indexed_files(self) -> bool:
        """Whether there is anything to search."""
        ledger = self._folder.ledger
        serving = ledger.editions.serving()
        if serving is not None:
            return ledger.editions.files(serving) > 0
        return ledger.counts().get(Outcome.INDEXED, 0) > 0

    def files(self, states: Sequence[Outcome] = ()) -> Iterator[FileRecord]:
        """The files of the index in these states; all if none is named."""
        yield from self._folder.ledger.files(states)

    def remove_root(self, path: Path) -> None:
        """Forget a folder: its passages leave the index, its files stay where they are."""
        self._folder.ledger.remove_root(path)

    def retry(self, file_ids: Sequence[int]) -> None:
        """Let files that were set aside wait for the next run again."""
        self._folder.ledger.retry(file_ids)

    def read_anyway(self, file_ids: Sequence[int]) -> None:
        """Let files wait for the next run, which reads them whatever memory that takes; once."""
        self._folder.ledger.retry(file_ids, admit=True)

    def ignore(self, file_ids: Sequence[int]) -> None:
        """Leave files out from now on."""
        self._folder.ledger.ignore(file_ids)
