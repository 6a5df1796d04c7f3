"""Small disks for tests: a real file system of a few megabytes, where this user may mount one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size_bytes: int) -> Iterator[Path]:
    """A file system of this size at a folder, gone afterwards; skips where none can be mounted."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes an administrator on Linux")
    place.mkdir(exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(place)):
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield place
    finally:
        # At once, also while something there is still open.
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[Path]:
    """Let a small disk be read only, for a while."""
    assert _mount("-o", "remount,ro", str(place)), "something there is still open for writing"
    try:
        yield place
    finally:
        assert _mount("-o", "remount,rw", str(place))


def fill(place: Path, leave_bytes: int = 0) -> Path:
    """Fill the disk of a folder with one file, all but a rest; removing it makes room again."""
    ballast = place / "ballast"
    block = b"x" * (64 << 10)
    with ballast.open("wb", buffering=0) as file:
        try:
            while _free(place) > leave_bytes + len(block):
                file.write(block)
            while (rest := _free(place) - leave_bytes) > 0:
                file.write(b"x" * min(rest, 4096))
        except OSError:
            pass  # it is full
    return ballast


def _free(place: Path) -> int:
    stats = os.statvfs(place)
    return stats.f_bavail * stats.f_frsize


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0
