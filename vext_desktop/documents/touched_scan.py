"""A look at a few places of the roots only, with the result that a scan of the roots would have."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from vext_desktop.documents.scanner import FoundFile, Place, ScanRules, Walk, is_left_out
from vext_desktop.documents.touched import Touched, is_within, without_repetition

# A file that changed so lately may still be written; its folder is touched again when it was.
YOUNG_S = 1.5


class TouchedScan:
    """Looks at some places; used once.

    Links are not followed: what they lead to is a matter for a scan of the roots.

    Args:
        places: Where to look.
        roots: All roots of the index.
        rules: What is left out.
        now: Seconds since 1970.

    Attributes:
        spared: Places of which nothing is known after this: what lies there is not gone.
    """

    def __init__(
        self,
        places: Iterable[Touched],
        roots: Sequence[str],
        rules: ScanRules,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.places = without_repetition(places)
        self.spared: list[str] = []
        self._roots = sorted(roots, key=len, reverse=True)  # the nearest has the last word
        self._rules = rules
        self._now = now

    def entries(self) -> Iterator[FoundFile | None]:
        """What is there now; None after a stretch without any file.

        Files that may still be written are not among them, but spared.
        """
        walk = Walk(self._rules)
        for touched in self.places:
            place = self._admitted(touched.path)
            if place is None:
                self.spared.append(touched.path)
                continue
            is_deep = touched.is_deep
            for found in walk.look_at(place) if is_deep else walk.walk(place, is_deep=False):
                if found is not None and self._is_young(found):
                    self.spared.append(found.path)
                elif found is None or not self._is_gone(found, touched):
                    yield found
        self.spared += walk.links

    def _is_young(self, found: FoundFile) -> bool:
        return 0 <= self._now() - found.mtime_ns / 1e9 < YOUNG_S

    def _is_gone(self, found: FoundFile, touched: Touched) -> bool:
        """Whether this only says that the place itself is not there any more."""
        return found.path == touched.path and not os.path.lexists(found.path)

    def _admitted(self, path: str) -> Place | None:
        """The place with the patterns that hold there; None if no root shows it."""
        for root in self._roots:
            if is_within(path, root):
                place = self._descend(root, path)
                if place is not None:
                    return place
        return None

    def _descend(self, root: str, path: str) -> Place | None:
        place = Place(root, self._rules.layers_of(root))
        below = path[len(root) :].strip(os.sep)  # not a Path: names that are no text stay
        for name in filter(None, below.split(os.sep)):  # noqa: PTH206 - as above
            inside = place.layers.entering(place.path)
            place = Place(os.path.join(place.path, name), inside)  # noqa: PTH118 - names stay
            try:
                looks = os.lstat(place.path)
            except OSError:
                return replace(place, path=path)  # it is gone, as the walk will find
            is_link = os.path.islink(place.path)  # noqa: PTH114 - as above
            if is_link or is_left_out(place.path, name, looks, inside, self._rules):
                return None
        return place
