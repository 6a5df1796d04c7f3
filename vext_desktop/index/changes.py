"""Is anything different in the folders from what the ledger knows? Asked without changing it.

Where nothing is, there is no run: no line in the list of runs, no model loaded, nothing written.
"""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from vext_desktop.documents.scanner import ScanRules
from vext_desktop.documents.touched import Touched, is_within
from vext_desktop.documents.touched_scan import TouchedScan
from vext_desktop.index.aside_walk import AsideWalk, silent_among
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.touch_list import Touches
from vext_desktop.index.touched_files import TouchedFiles
from vext_desktop.outcomes import Outcome

Steps = Generator[None, None, tuple[tuple[Touched, ...], ...]]


class ChangeFinder:
    """Compares folders with the ledger.

    Args:
        ledger: Knows what was there.
        rules: What is left out.
        index_key: Names the model and chunking in force.
        stopped: Asked between steps; nothing is found then.
    """

    def __init__(
        self, ledger: Ledger, rules: ScanRules, index_key: str, stopped: Callable[[], bool]
    ) -> None:
        self._ledger = ledger
        self._rules = rules
        self._index_key = index_key
        self._stopped = stopped
        self._roots = {root.path: root.is_offline for root in ledger.roots()}

    def find(self, touches: Touches) -> Steps:
        """Look at what was touched, in short steps.

        Returns:
            Where something is different, in groups for a run each: whole roots, and places.

        Raises:
            VextError: A drive does not answer any more.
        """
        roots = [
            root
            for root in self._roots
            if touches.everything
            or any(place.is_deep and is_within(root, place.path) for place in touches.places)
        ]
        changed: list[Touched] = []
        for root in roots:
            is_changed = yield from self._is_root_changed(root)
            changed += [Touched(root, is_deep=True)] if is_changed else []
        places = tuple(
            place
            for place in touches.places
            if any(is_within(place.path, root) for root in self._roots if root not in roots)
        )
        if places and not (yield from self._differ(places)):
            places = ()
        return tuple(group for group in (tuple(changed), places) if group)

    def _is_root_changed(self, root: str) -> Generator[None, None, bool]:
        path, was_offline = Path(root), self._roots[root]
        yield
        is_there = not silent_among([path], limit_s=1.0) and path.exists()
        if was_offline or not is_there:
            return is_there == was_offline
        return (yield from self._differ([Touched(root, is_deep=True)]))

    def _differ(self, places: Sequence[Touched]) -> Generator[None, None, bool]:
        scan = TouchedScan(places, list(self._roots), self._rules)
        files = TouchedFiles(self._ledger.file, scan.places)
        # Not counted: roots inside these, which may be hidden ones, and what lies in folders that
        # may not be opened.
        apart = [
            root
            for root in self._roots
            if any(root != place.path and is_within(root, place.path) for place in scan.places)
        ]
        met = 0
        walk = AsideWalk(scan.entries())
        try:
            while (group := walk.take()) is not None:
                if self._stopped():
                    return False
                if files.differ(group, self._index_key):
                    return True
                for file in group:
                    if file.outcome is Outcome.UNREADABLE:
                        apart.append(file.path)
                    elif not any(is_within(file.path, path) for path in apart):
                        met += 1
                yield
        finally:
            walk.close()
        return files.count([*scan.spared, *apart]) != met
