"""What front ends ask about the disk: what is where, and to give back what is not needed."""

import time
from collections.abc import Iterator
from itertools import chain

from vext_desktop.assembly.rebuilding import Rebuilding
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.disk_use import DiskUse, TidyReceipt, measure_disk
from vext_desktop.paths import Paths

# One step of waiting for maintenance, so that whoever drives us stays responsive.
_WAIT_STEP_S = 0.2


class DiskVerbs:
    """The part of the engine that looks at the disk and tidies it up."""

    paths: Paths
    rebuilding: Rebuilding
    _folder: DataFolder

    def disk_use(self) -> DiskUse:
        """What the data folder takes, by part, and what tidying up would give back."""
        editions = self._folder.ledger.editions
        found = (editions.serving(), editions.worked_on())
        used = list(dict.fromkeys(edition for edition in found if edition is not None))
        kept = chain(editions.kept(), editions.dropped())
        return measure_disk(self.paths, used, kept)

    def tidy_up(self) -> Iterator[TidyReceipt | None]:
        """Give back what the index no longer needs, in short steps; searches go on meanwhile.

        Yields:
            None while it is under way; the receipt at its end.

        Raises:
            UsageError: A run is on: it tidies up at its end.
            DiskFullError: There is no room for it.
        """
        self.rebuilding.require_rest()
        started = time.monotonic()
        before = self.disk_use()
        store = self.rebuilding.serving_store()
        store.begin_maintenance(is_quiet=True)
        while store.finish_maintenance(_WAIT_STEP_S) is None:
            yield None
        yield TidyReceipt(before, self.disk_use(), time.monotonic() - started)
