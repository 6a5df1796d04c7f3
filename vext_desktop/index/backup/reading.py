"""Reading a backup with distrust: nothing of it is believed before it has been checked."""

import contextlib
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.errors import StoreError
from vext_desktop.index.backup.contents import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    MOST_MEMBERS,
    UNCHANGED,
    BackupContents,
    is_allowed,
    no_backup,
    parse_contents,
)
from vext_desktop.index.backup.writing import BackupProgress
from vext_desktop.index.ledger_schema import UPGRADES

_PIECE_BYTES = 1 << 20
_IS_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError,
)  # fmt: skip


def read_contents(file: Path) -> BackupContents:
    """What is in a backup.

    Raises:
        StoreError: It is none, or damaged, or from a newer program.
    """
    with _opened(file) as archive:
        return _checked(archive)


def unpack(file: Path, folder: Path) -> Iterator[BackupProgress]:
    """Unpack a backup into an empty folder; each file is compared with its hash.

    Raises:
        StoreError: It is damaged; what was unpacked until then is the caller's to remove.
    """
    with _opened(file) as archive:
        contents = _checked(archive)
        done, total = 0, contents.size_bytes
        for name, member in contents.members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            found, size = hashlib.sha256(), 0
            with archive.open(name) as source, target.open("xb") as out:
                while piece := source.read(_PIECE_BYTES):
                    size += len(piece)
                    if size > member.size:
                        raise no_backup(f"{name} in it is larger than it says")
                    found.update(piece)
                    out.write(piece)
                    done += len(piece)
                    yield BackupProgress(done, total)
            if size != member.size or found.hexdigest() != member.sha256:
                raise no_backup(f"{name} in it is damaged or was changed")


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except _DAMAGES as error:
        raise no_backup("it is no backup of Vext Desktop, or it is damaged or cut off") from error
    except OSError as error:
        raise StoreError(
            f"{file} could not be read, or not be unpacked ({error.strerror}). {UNCHANGED}",
            "See that the file is there and that there is room on the disk of the data folder.",
        ) from error


def _checked(archive: zipfile.ZipFile) -> BackupContents:
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise no_backup("it holds far too many files")
    by_name = {info.filename: info for info in infos}
    manifest = by_name.pop(MANIFEST, None)
    if manifest is None or manifest.file_size > MOST_MANIFEST_BYTES:
        raise no_backup("it has no list of contents")
    _check_member(manifest)
    contents = parse_contents(archive.read(manifest))
    if contents.ledger_version > len(UPGRADES):
        raise StoreError(
            f"This backup was written by a newer Vext Desktop ({contents.program}). {UNCHANGED}",
            "Update Vext Desktop, then restore it.",
        )
    names = {name.lower() for name in by_name}
    if len(by_name) + 1 != len(infos) or len(names) != len(by_name):
        raise no_backup("it holds a file twice")
    if by_name.keys() != contents.members.keys():
        raise no_backup("it holds other files than it says")
    for name, info in by_name.items():
        if not is_allowed(name):
            raise no_backup(f"it holds a file that does not belong there ({ascii(name)[:80]})")
        _check_member(info)
        if info.file_size != contents.members[name].size:
            raise no_backup("it holds files of another size than it says")
    return contents


def _check_member(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.is_dir() or kind not in {0, stat.S_IFREG}:
        raise no_backup("it holds something that is no plain file")
    if info.flag_bits & _IS_ENCRYPTED or info.compress_type not in _METHODS:
        raise no_backup("it is packed in another way than Vext Desktop packs")
