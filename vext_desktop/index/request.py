"""What a run is asked for: which folders and files, and which of them once more."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.documents.touched import Touched
from vext_desktop.errors import UsageError
from vext_desktop.index.aside_walk import silent_among
from vext_desktop.index.ledger import Ledger


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """What to index.

    Attributes:
        paths: Folders and files; none means everything that was ever added.
        retry: Folders and files in these: what was set aside there is tried again.
        read_anyway: The same, whatever memory reading may take; once.
        rebuilds: Whether a new index may be begun where the settings ask for another model or
            chunking; else the present index is kept up to date as it was made.
        touched: Where something has changed in what was added before: nothing else is looked at.
    """

    paths: tuple[Path, ...] = ()
    retry: tuple[Path, ...] = ()
    read_anyway: tuple[Path, ...] = ()
    rebuilds: bool = True
    touched: tuple[Touched, ...] = ()

    @classmethod
    def update(cls, touched: Sequence[Touched]) -> "IndexRequest":
        """A request that brings the index up to date at these places."""
        return cls(rebuilds=False, touched=tuple(touched))


def resolve_request(request: IndexRequest, ledger: Ledger) -> tuple[list[Path], IndexRequest]:
    """Remember the folders that are asked for, and find out what is to be looked at.

    Returns:
        The folders and files to look at, and what is tried again in them, all of them absolute.

    Raises:
        UsageError: A path does not exist or lies outside, its drive does not answer, or there is
            nothing to index.
    """
    paths = [normal_path(path) for path in request.paths]
    silent = silent_among(paths)
    if silent:
        raise UsageError(
            f"The drive of {silent[0]} does not answer.", "Check the drive or the network."
        )
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UsageError(
            f"There is no file or folder {missing[0]}.", "Check how the path is written."
        )
    ledger.add_roots(paths)
    known = [root.path for root in ledger.roots()]
    if request.touched:
        # Whole roots have a scan of their own; of places, `TouchedPlaces` takes care.
        roots = [Path(place.path) for place in request.touched if place.path in known]
        return roots if is_whole_roots(request.touched, known) else [], request
    roots = paths or list(map(Path, known))
    if not roots:
        raise UsageError("There is nothing to index yet.", "Name a folder or a file.")
    retry = _inside(request.retry, roots)
    return roots, IndexRequest(retry=retry, read_anyway=_inside(request.read_anyway, roots))


def is_whole_roots(places: Sequence[Touched], roots: Sequence[str]) -> bool:
    """Whether these places are roots, with all that is beneath them."""
    return all(place.is_deep and place.path in roots for place in places)


def normal_path(path: Path) -> Path:
    """Absolute and without "..", by its words alone: a link keeps the name the user knows."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - Path.absolute keeps ".."


def _inside(paths: Sequence[Path], roots: Sequence[Path]) -> tuple[Path, ...]:
    found = tuple(normal_path(path) for path in paths)
    for path in found:
        if not any(path.is_relative_to(root) for root in roots):
            raise UsageError(
                f"{path} is in none of the folders that are indexed.",
                "Name its folder beside it, or index it by itself first.",
            )
    return found
