"""The versions of a table on disk: one that cannot be read gives way to the one before it.

A version is a manifest beside files that never change, and versions stay until the next
maintenance, which lets them go only when the new one is on the disk. So after a power cut in the
middle of a write the version before it is whole, and LanceDB takes the latest one that it finds.
"""

import logging
import os
from pathlib import Path
from typing import Protocol

from vext_desktop.errors import StoreUnreadableError

logger = logging.getLogger("vext.store")

# A power cut spoils what was written in the last seconds: one commit, or two.
MOST_SET_ASIDE = 4
_SET_ASIDE = ".unreadable"
_MANIFEST = ".manifest"


class Readable(Protocol):
    """A table that can be opened anew."""

    def reopen(self) -> None: ...  # noqa: D102 - see LanceTable
    def probe(self) -> None: ...  # noqa: D102


def open_readable(folder: Path, table: Readable) -> int:
    """Open the latest version that can be read; nothing is deleted.

    Args:
        folder: The table's folder.
        table: Opened, asked whether it can be read, and opened again after each step back.

    Returns:
        How many versions were set aside.

    Raises:
        StoreUnreadableError: None of the latest versions can be read; they are as they were.
        StoreError: It cannot be opened for another reason, such as a full disk.
    """
    moved: list[tuple[Path, Path]] = []
    while True:
        try:
            table.reopen()
            table.probe()
        except StoreUnreadableError:
            manifests = _manifests(folder)
            if len(manifests) < 2 or len(moved) == MOST_SET_ASIDE:
                _put_back(moved)
                raise
            aside = manifests[0].with_name(manifests[0].name + _SET_ASIDE)
            manifests[0].rename(aside)
            moved.append((manifests[0], aside))
        else:
            break
    for _, aside in moved:
        logger.warning("a version of the index could not be read and is set aside: %s", aside)
    return len(moved)


def latest_version(folder: Path) -> str:
    """The file name of a table's latest version, as `_manifests`; "" if there is none: 20 µs."""
    try:
        with os.scandir(f"{folder}{os.sep}_versions") as there:
            return min((one.name for one in there if one.name.endswith(_MANIFEST)), default="")
    except OSError:
        return ""


def _manifests(folder: Path) -> list[Path]:
    """The manifests, the latest first: their names count down (LanceDB's second naming scheme)."""
    return sorted((folder / "_versions").glob(f"*{_MANIFEST}"), key=lambda path: path.name)


def _put_back(moved: list[tuple[Path, Path]]) -> None:
    for manifest, aside in moved:
        aside.rename(manifest)
