"""How much memory we may use: the user's limit, or a share of what is left, if that is less."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from vext_desktop.readings import format_bytes


@dataclass(frozen=True, slots=True)
class Available:
    """Memory that could still be taken without swapping.

    Attributes:
        machine_bytes: On the whole machine.
        container_bytes: Up to the limit of our control group; None where there is no limit.
    """

    machine_bytes: int
    container_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What all our processes together may hold.

    Attributes:
        limit_bytes: Above it something is given back.
        soft_bytes: Above it we slow down.
        owner: Where the limit comes from, in words that fit behind "over".
    """

    limit_bytes: int
    soft_bytes: int
    owner: str


def measure_budget(
    cap_bytes: int,
    machine_share: float,
    soft_share: float,
    ours_bytes: int,
    available: Callable[[], Available] | None = None,
) -> Budget:
    """The budget at this moment.

    Args:
        cap_bytes: The user's limit.
        machine_share: Share of the memory still available that we may take.
        soft_share: Share of the limit at which we slow down.
        ours_bytes: What our processes hold now, all together.
        available: Tells what is left; `read_available` if None.
    """
    left = (available or read_available)()
    container_bytes = left.container_bytes
    is_container = container_bytes is not None and container_bytes < left.machine_bytes
    if is_container and container_bytes is not None:
        left_bytes, place = container_bytes, "container"
    else:
        left_bytes, place = left.machine_bytes, "machine"
    shared_bytes = ours_bytes + round(machine_share * max(0, left_bytes))
    if cap_bytes <= shared_bytes:
        limit_bytes, owner = cap_bytes, f"your limit of {format_bytes(cap_bytes)}"
    else:
        limit_bytes = shared_bytes
        owner = f"{machine_share * 100:.0f} % of the free memory of this {place}"
    return Budget(limit_bytes, round(soft_share * limit_bytes), owner)


def read_available(
    cgroup_file: Path = Path("/proc/self/cgroup"), cgroup_root: Path = Path("/sys/fs/cgroup")
) -> Available:
    """What is left on this machine and in our control group (version 1 or 2, Linux only)."""
    machine_bytes = int(psutil.virtual_memory().available)
    return Available(machine_bytes, _left_in_cgroup(cgroup_file, cgroup_root))


def _left_in_cgroup(cgroup_file: Path, root: Path) -> int | None:
    """The least that is left up to any limit between our group and the root; None: no limit."""
    try:
        lines = cgroup_file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found: list[int] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # version 2
            found += _left_on_the_way(root, path, _left_in_v2)
        elif "memory" in controllers.split(","):
            found += _left_on_the_way(root / "memory", path, _left_in_v1)
    return min(found, default=None)


def _left_on_the_way(mount: Path, path: str, left_in: Callable[[Path], int | None]) -> list[int]:
    folder = mount / path.lstrip("/")
    if ".." in folder.parts or not folder.is_dir():
        # Inside a container the path may be the host's, while only our own group is mounted.
        folder = mount
    folders = [folder, *folder.parents]
    inside = folders[: folders.index(mount) + 1]
    return [left for left in map(left_in, inside) if left is not None]


def _left_in_v2(folder: Path) -> int | None:
    """`memory.max` (hard) and `memory.high` (slows down), less what is used for good."""
    limits = [_number(folder / name) for name in ("memory.max", "memory.high")]
    return _left(limits, folder / "memory.current", folder / "memory.stat", "inactive_file")


def _left_in_v1(folder: Path) -> int | None:
    limits = [_number(folder / "memory.limit_in_bytes")]
    used_file = folder / "memory.usage_in_bytes"
    return _left(limits, used_file, folder / "memory.stat", "total_inactive_file")


def _left(limits: list[int | None], used_file: Path, stat_file: Path, cache: str) -> int | None:
    # Version 1 says "no limit" with the largest multiple of a page.
    real_limits = [limit for limit in limits if limit is not None and limit < 1 << 60]
    used_bytes = _number(used_file)
    if not real_limits or used_bytes is None:
        return None
    # Pages of files that nobody has touched lately: the kernel drops them before it complains.
    return max(0, min(real_limits) - used_bytes + _statistic(stat_file, cache))


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file in this version or at the root; or "max"
        return None


def _statistic(stat_file: Path, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in stat_file.read_text(encoding="ascii").splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0
