"""A Debian package is three files in an archive of `ar`; the last one holds the program."""

import gzip
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"!<arch>\n"
_HEADER_BYTES = 60
_DATA = "data.tar"
# 128 MB, the most that zstd, and so dpkg, unpacks without being told: repetitions in the libraries
# lie far apart, and dpkg-deb by itself looks back 8 MB at most.
_WINDOW_LOG = 27


def squeeze_deb(plain: Path, package: Path, level: int) -> None:
    """Write a package anew, its program squeezed by zstd; dpkg-deb made it without.

    Args:
        plain: What `dpkg-deb -Znone` has made.
        package: Where the result goes.
        level: How hard zstd works, 1 to 19.
    """
    draft = package.with_suffix(".part")
    squeezed = package.with_suffix(".member")
    with plain.open("rb") as source, draft.open("wb") as target:
        if source.read(len(_MAGIC)) != _MAGIC:
            raise SystemExit(f"{plain} is no archive of ar")
        target.write(_MAGIC)
        while header := source.read(_HEADER_BYTES):
            name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
            if not name.endswith(".tar"):
                target.write(header + source.read(size + size % 2))
                continue
            if name == _DATA:
                _squeeze(source, size, squeezed, level)
            else:  # what describes the package is small, and everybody reads gzip
                squeezed.write_bytes(gzip.compress(source.read(size), 9, mtime=0))
            end = "zst" if name == _DATA else "gz"
            _append(target, f"{name}.{end}", header, squeezed)
            source.seek(size % 2, 1)
    squeezed.unlink()
    draft.replace(package)


def _squeeze(source: BinaryIO, size: int, place: Path, level: int) -> None:
    command = ["zstd", "-q", "-f", "-T0", f"--long={_WINDOW_LOG}", f"-{level}", "-o", str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as zstd:
        assert zstd.stdin is not None  # noqa: S101 - PIPE makes it a stream
        left = size
        while left:
            piece = source.read(min(left, 1 << 20))
            if not piece:
                break
            zstd.stdin.write(piece)
            left -= len(piece)
    if zstd.returncode or left:
        raise SystemExit(f"zstd ended with {zstd.returncode}")


def _append(target: BinaryIO, name: str, header: bytes, squeezed: Path) -> None:
    """One member under its longer name; members begin on even places."""
    size = squeezed.stat().st_size
    target.write(
        name.encode().ljust(16) + header[16:48] + str(size).encode().ljust(10) + header[58:]
    )
    with squeezed.open("rb") as stream:
        shutil.copyfileobj(stream, target, 1 << 20)
    target.write(b"\n" * (size % 2))
