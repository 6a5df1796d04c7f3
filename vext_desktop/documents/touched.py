"""Places in which something has changed."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Touched:
    """A folder in which something has changed, or a root that is a file.

    Attributes:
        path: Absolute.
        is_deep: Whether everything beneath it is in question, or the file itself; not only the
            files that lie directly in it.
    """

    path: str
    is_deep: bool = False


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder itself or lies beneath it, by its words."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def without_repetition(places: Iterable[Touched]) -> list[Touched]:
    """The places, but for those that another one holds."""
    kept: list[Touched] = []
    deep: set[str] = set()
    # A folder comes before what is beneath it, and deep before shallow.
    for place in sorted(set(places), key=lambda place: (place.path, not place.is_deep)):
        if place.path in deep or any(above in deep for above in _above(place.path)):
            continue
        if place.is_deep:
            deep.add(place.path)
        kept.append(place)
    return kept


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first."""
    above = os.path.dirname(path)  # noqa: PTH120 - names that are no text stay
    while above != path:
        yield above
        path, above = above, os.path.dirname(above)  # noqa: PTH120 - as above
