"""The control groups that limit us (Linux, version 1 or 2): where they lie, what they have left."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

CGROUP_FILE = Path("/proc/self/cgroup")
CGROUP_ROOT = Path("/sys/fs/cgroup")
# Version 1 says "no limit" with the largest multiple of a page.
_NO_LIMIT = 1 << 60
# A limit file for each line that must not be crossed (`memory.high` slows down), what is used,
# and the pages of files that nobody has touched lately: the kernel drops those before it complains.
_VERSION_2 = (("memory.max", "memory.high"), "memory.current", "inactive_file")
_VERSION_1 = (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """What a limited group has used for good, and what can still be taken up to its limit."""

    left_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """One group that our processes are in, or one above it.

    Attributes:
        folder: Where its files lie.
        is_version_2: Which names they have.
    """

    folder: Path
    is_version_2: bool

    def read(self) -> GroupMemory | None:
        """What is used and what is left; None where there is no limit."""
        limit_files, used_file, cache = _VERSION_2 if self.is_version_2 else _VERSION_1
        found = [_number(self.folder / name) for name in limit_files]
        limits = [limit for limit in found if limit is not None and limit < _NO_LIMIT]
        used_bytes = _number(self.folder / used_file)
        if not limits or used_bytes is None:
            return None
        used_bytes = max(0, used_bytes - (read_counter(self.folder / "memory.stat", cache) or 0))
        return GroupMemory(max(0, min(limits) - used_bytes), used_bytes)


def own_groups(
    cgroup_file: Path = CGROUP_FILE, cgroup_root: Path = CGROUP_ROOT
) -> list[ControlGroup]:
    """Our memory group and all above it, our own first; none on other systems."""
    try:
        lines = cgroup_file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found: list[ControlGroup] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found += [ControlGroup(folder, True) for folder in _on_the_way(cgroup_root, path)]
        elif "memory" in controllers.split(","):
            mount = cgroup_root / "memory"
            found += [ControlGroup(folder, False) for folder in _on_the_way(mount, path)]
    return found


def read_counter(file: Path, name: str) -> int | None:
    """One value of a file of "name value" lines; None where it is not there."""
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text(encoding="ascii").splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return None


def _on_the_way(mount: Path, path: str) -> list[Path]:
    folder = mount / path.lstrip("/")
    if ".." in folder.parts or not folder.is_dir():
        # Inside a container the path may be the host's, while only our own group is mounted.
        folder = mount
    folders = [folder, *folder.parents]
    return folders[: folders.index(mount) + 1]


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file in this version or at the root; or "max"
        return None
