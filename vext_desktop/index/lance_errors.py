"""Errors of LanceDB and of the disk as sentences for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vext_desktop.errors import REPAIR_HINT, DiskFullError, StoreError, StoreUnreadableError
from vext_desktop.index.lance_import import PANICS
from vext_desktop.index.room import is_disk_full, say_room_needed


@contextmanager
def told(folder: Path, act: str) -> Iterator[None]:
    """Errors of LanceDB and of the disk as sentences; `act` says what could not be done."""
    try:
        yield
    except (RuntimeError, OSError, ValueError) as error:
        raise _as_sentence(folder, act, error) from error
    except BaseException as error:
        if type(error).__name__ not in PANICS:  # of Rust, over damaged files
            raise
        raise _as_sentence(folder, act, RuntimeError(str(error))) from error


def _is_forbidden(error: Exception) -> bool:
    signs = ("Permission denied", "Read-only file system")
    return isinstance(error, PermissionError) or any(sign in str(error) for sign in signs)


def _as_sentence(folder: Path, act: str, error: Exception) -> StoreError:
    if is_disk_full(error):
        return DiskFullError(
            f"The disk is full: the index in {folder} could not be {act}. Your documents are "
            "untouched; what is indexed so far is safe and can be searched.",
            say_room_needed(folder),
        )
    if _is_forbidden(error):
        return StoreError(
            f"The index in {folder} may not be {act}: permission was denied.",
            "Check the permissions of the data folder, or choose another with --data-dir.",
        )
    lines = str(error).strip().splitlines()
    return StoreUnreadableError(
        f"The index in {folder} could not be {act} ({lines[0][:300] if lines else error!r}).",
        f"Your documents are untouched. Try again; if it stays so: {REPAIR_HINT}",
    )
