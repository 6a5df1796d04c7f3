"""Where a run looks: whole roots, or a few places in them that have changed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from vext_desktop.documents.scanner import FoundFile, ScanRules, scan
from vext_desktop.documents.touched import Touched
from vext_desktop.documents.touched_scan import TouchedScan
from vext_desktop.index.aside_walk import silent_among
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import FileRecord
from vext_desktop.index.touched_files import TouchedFiles


class RunScope(Protocol):
    """Where a run looks, and what of the ledger it speaks for."""

    @property
    def names(self) -> tuple[str, ...]:
        """The places, for people."""

    def entries(self) -> Iterator[FoundFile | None]:
        """What is there; see `scan`."""

    def finish(self, run_id: int) -> None:
        """Mark in the ledger what a complete walk through the entries did not meet."""

    def prune(self) -> int:
        """Remove what is gone; returns how many files that were."""

    def files_set_aside(self, run_id: int) -> list[FileRecord]:
        """The files there that are not in the index, with their reasons."""


class WholeRoots:
    """Everything in some roots.

    Args:
        ledger: Knows what was there before.
        roots: Folders and files.
        rules: What is left out.
    """

    def __init__(self, ledger: Ledger, roots: Sequence[Path], rules: ScanRules) -> None:
        self._ledger = ledger
        self._roots = roots
        self._rules = rules
        self._silent: list[Path] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The roots."""
        return tuple(map(str, self._roots))

    def entries(self) -> Iterator[FoundFile | None]:
        """What is there; a root on a drive that does not answer is left alone."""
        self._silent = silent_among(self._roots)
        yield None
        yield from scan([root for root in self._roots if root not in self._silent], self._rules)

    def finish(self, run_id: int) -> None:
        """What was not met is gone, or offline with its root."""
        self._ledger.finish_scan(self._roots, run_id, self._silent)

    def prune(self) -> int:
        """Remove what is gone from these roots."""
        return self._ledger.prune_vanished(self._roots)

    def files_set_aside(self, run_id: int) -> list[FileRecord]:  # noqa: ARG002 - see RunScope
        """All of these roots."""
        return self._ledger.files_set_aside(self._roots)


class TouchedPlaces:
    """Some places in which something has changed.

    Args:
        ledger: Knows all roots, and what was there before.
        places: Where to look.
        rules: What is left out.
    """

    def __init__(self, ledger: Ledger, places: Sequence[Touched], rules: ScanRules) -> None:
        self._ledger = ledger
        self._scan = TouchedScan(places, [root.path for root in ledger.roots()], rules)
        self._files = TouchedFiles(ledger.file, self._scan.places)

    @property
    def names(self) -> tuple[str, ...]:
        """The folders."""
        return tuple(place.path for place in self._scan.places)

    def entries(self) -> Iterator[FoundFile | None]:
        """What is there, but for files that may still be written."""
        yield from self._scan.entries()

    def finish(self, run_id: int) -> None:
        """What was not met there is gone."""
        self._files.finish(self._scan.spared, run_id)

    def prune(self) -> int:
        """Remove what is gone from these places."""
        return self._files.prune()

    def files_set_aside(self, run_id: int) -> list[FileRecord]:
        """Those that this run met."""
        return self._ledger.files_set_aside(self.names, seen_run=run_id)
