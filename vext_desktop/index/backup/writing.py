"""Writing a backup: one file, streamed, each member with its hash."""

import contextlib
import hashlib
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vext_desktop import __version__
from vext_desktop.errors import StoreError, VextError
from vext_desktop.index.backup.contents import MANIFEST, BackupContents, Member
from vext_desktop.index.backup.snapshot import snapshot, table_names_of
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_schema import UPGRADES
from vext_desktop.index.table_names import bytes_in, table_folder
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes

_PIECE_BYTES = 1 << 20
# Vectors hardly shrink whatever is tried; texts do at once.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """What a backup would hold.

    Attributes:
        size_bytes: How large it is at most.
        files: How many files are indexed.
        passages: How many passages that are.
        roots: The folders and files that were added.
    """

    size_bytes: int
    files: int
    passages: int
    roots: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """It for a person."""
        return (
            f"A backup takes up to {format_bytes(self.size_bytes)}. It holds the {self.passages} "
            f"passages of {self.files} files with their text, the list of your folders and your "
            "settings; no documents and no keys."
        )


@dataclass(frozen=True, slots=True)
class BackupProgress:
    """How far a backup or its restoration is, in bytes."""

    done_bytes: int
    total_bytes: int


def plan_backup(paths: Paths) -> BackupPlan:
    """What a backup would hold, without making one.

    Raises:
        StoreError: There is no index, or it cannot be read.
    """
    if not paths.ledger.is_file():
        raise StoreError(
            f"There is no index in {paths.data_dir}, so there is nothing to back up.",
            "Index a folder first, or name another data folder with --data-dir.",
        )
    names = table_names_of(paths.ledger)
    size = sum(bytes_in(table_folder(paths.store, name)) for name in names)
    size += paths.ledger.stat().st_size + bytes_in(paths.runs)
    known = _contents(paths.ledger)
    return BackupPlan(size, known.files, known.passages, known.roots)


def write_backup(paths: Paths, target: Path, *, replaces: bool = False) -> Iterator[BackupProgress]:
    """Write a backup, also while a run is going on.

    Args:
        paths: The data folder.
        target: The file; only there once it is complete.
        replaces: Whether a file of that name may be replaced.

    Raises:
        StoreError: It cannot be read or written; then there is no file, or the one of before.
    """
    if target.exists() and not replaces:
        raise StoreError(f"{target} is there already.", "Choose another name, or delete it first.")
    draft = target.with_name(f"{target.name}.part")
    try:
        with snapshot(paths) as folder:
            sizes = {
                path: path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()
            }
            total = sum(sizes.values())
            _require_room(target.parent, total)
            with _created(draft) as archive:
                yield from _write(archive, folder, sizes, total)
            draft.replace(target)
    except VextError:
        raise
    except OSError as error:
        raise StoreError(
            f"The backup could not be written to {target} ({error.strerror}). The index is "
            "untouched.",
            "Choose another place, or make room on that disk.",
        ) from error
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _created(draft: Path) -> Iterator[zipfile.ZipFile]:
    # Readable by its owner alone, as the data folder is.
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w+b") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            yield archive
        stream.flush()
        os.fsync(stream.fileno())


def _write(
    archive: zipfile.ZipFile, folder: Path, sizes: dict[Path, int], total: int
) -> Iterator[BackupProgress]:
    done = 0
    members: dict[str, Member] = {}
    for path in sizes:
        name = path.relative_to(folder).as_posix()
        found, size = hashlib.sha256(), 0
        with path.open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as out:
            while piece := source.read(_PIECE_BYTES):
                found.update(piece)
                out.write(piece)
                size += len(piece)
                done += len(piece)
                yield BackupProgress(done, total)
        members[name] = Member(size, found.hexdigest())
    contents = replace(_contents(folder / "ledger.sqlite"), members=members)
    archive.writestr(_info(MANIFEST), contents.to_json())


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, time.localtime()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _contents(ledger_file: Path) -> BackupContents:
    with Ledger(ledger_file, read_only=True) as ledger:
        serving = ledger.editions.serving()
        return BackupContents(
            program=__version__,
            ledger_version=len(UPGRADES),
            created_at=time.time(),
            separator=os.sep,
            model=serving.model if serving else "",
            roots=tuple(root.path for root in ledger.roots()),
            files=ledger.editions.files(serving) if serving else 0,
            passages=ledger.editions.passages(serving) if serving else 0,
        )


def _require_room(folder: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise StoreError(
            f"The backup may take {format_bytes(needed_bytes)}, and {format_bytes(free)} are free "
            f"in {folder}.",
            "Choose another place, or make room on that disk.",
        )
