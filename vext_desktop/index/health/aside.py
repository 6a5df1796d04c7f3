"""Damaged parts are moved aside, into a dated folder of the data folder; nothing is deleted."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from vext_desktop.errors import StoreError

PREFIX = "damaged-"


class Aside:
    """A folder for what is taken out of use; made when the first thing is.

    Args:
        data_dir: The data folder.
        prefix: How the folder's name begins.
        clock: Seconds since 1970.
    """

    def __init__(
        self, data_dir: Path, prefix: str = PREFIX, clock: Callable[[], float] = time.time
    ) -> None:
        self._data_dir = data_dir
        self._name = f"{prefix}{time.strftime('%Y%m%d-%H%M%S', time.localtime(clock()))}"
        self._folder: Path | None = None

    @property
    def folder(self) -> Path | None:
        """Where things went; None if nothing was moved."""
        return self._folder

    def take(self, place: Path) -> Path | None:
        """Move a file or folder of the data folder aside, under its own name.

        Returns:
            Where it is now; None if there was nothing.

        Raises:
            StoreError: It cannot be moved.
        """
        if not os.path.lexists(place):
            return None
        target = _unused(self._make() / place.relative_to(self._data_dir))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return place.rename(target)
        except OSError as error:
            raise _cannot_move(place, error) from error

    def _make(self) -> Path:
        number = 1
        while self._folder is None:
            folder = self._data_dir / (self._name if number == 1 else f"{self._name}-{number}")
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                number += 1
            except OSError as error:
                raise _cannot_move(folder, error) from error
            else:
                self._folder = folder
        return self._folder


def _unused(target: Path) -> Path:
    """The same place, or one beside it where there is something already."""
    found, number = target, 1
    while os.path.lexists(found):
        number += 1
        found = target.with_name(f"{target.name}-{number}")
    return found


def _cannot_move(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{place.name} could not be moved aside ({error.strerror}), so nothing more was repaired. "
        "Your documents are untouched.",
        "Check that the data folder can be written, that its disk has room, and that no other "
        "program has a file of it open; then try again.",
    )
