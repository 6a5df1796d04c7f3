"""What front ends ask of the ledger and need no model, store or child for."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vext_desktop.assembly import wiring
from vext_desktop.assembly.disk_verbs import DiskVerbs
from vext_desktop.assembly.rebuilding import Rebuilding
from vext_desktop.assembly.sending import Sending
from vext_desktop.documents.scanner import ScanRules
from vext_desktop.index.changes import ChangeFinder, Steps
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.folder_patterns import keep_folder_patterns
from vext_desktop.index.folder_watch import FolderWatch
from vext_desktop.index.records import FileRecord
from vext_desktop.index.touch_list import Touches
from vext_desktop.outcomes import Outcome
from vext_desktop.settings import Settings


class LedgerVerbs(DiskVerbs):
    """The part of the engine that only looks into its ledger, or writes there."""

    settings: Settings
    rebuilding: Rebuilding
    sending: Sending
    _folder: DataFolder

    @property
    def may_write(self) -> bool:
        """Whether anything can be indexed; else the data folder is open for searching only."""
        return self._folder.may_write

    @property
    def was_broken_off(self) -> bool:
        """Whether the latest run has no end: the program was ended in the middle of it."""
        latest = self._folder.ledger.runs(limit=1)
        return bool(latest) and latest[0].ended_at is None

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

    def keep_folder_patterns(self, path: str, lines: Sequence[str]) -> None:
        """Leave out of one folder what these patterns name; counts from the next run on."""
        keep_folder_patterns(self._folder.ledger, path, lines)

    def create_watch(self, on_begun: Callable[[], None]) -> FolderWatch:
        """Something that watches folders, for the caller to start and to close."""
        return FolderWatch(on_begun, self.scan_rules())

    def root_paths(self) -> tuple[str, ...]:
        """The folders and files that were added."""
        return tuple(root.path for root in self._folder.ledger.roots())

    def find_changes(self, touches: Touches, stopped: threading.Event) -> Steps:
        """Look, in short steps, whether what was touched is different from what is indexed.

        Returns, as a generator does, the groups of places that a run is to be asked for.
        """
        ledger, edition = self._folder.ledger, self.rebuilding.open_edition()
        settings = self.rebuilding.settings_of_run(rebuilds=False)
        if edition is None or ledger.editions.is_rebuilding or self.sending.forbidden(settings):
            return ()  # a run that the user has to decide on will look at everything
        finder = ChangeFinder(ledger, self.scan_rules(), edition.index_key, stopped.is_set)
        return (yield from finder.find(touches))

    def scan_rules(self) -> ScanRules:
        """What a scan leaves out now."""
        return wiring.scan_rules(self.settings, self._folder.ledger)
