"""Whether the kernel has ended a process of ours because memory ran out (Linux)."""

from pathlib import Path

from vext_desktop.memory.control_groups import CGROUP_FILE, CGROUP_ROOT, own_groups, read_counter

_VMSTAT = Path("/proc/vmstat")
# Where a control group keeps the count, in version 2 and in version 1.
_GROUP_FILES = ("memory.events", "memory.oom_control")
_COUNT = "oom_kill"


class KernelKills:
    """Compares the kernel's own count of such ends with what it was at the last look.

    The count of our control group speaks of us alone; the machine's, which stands in where the
    group keeps none, of every program.

    Args:
        cgroup_file: Names our control groups.
        cgroup_root: Where control groups are mounted.
        vmstat_file: Holds the machine's count.
    """

    def __init__(
        self,
        cgroup_file: Path = CGROUP_FILE,
        cgroup_root: Path = CGROUP_ROOT,
        vmstat_file: Path = _VMSTAT,
    ) -> None:
        folders = [group.folder for group in own_groups(cgroup_file, cgroup_root)]
        kept = [folder / name for folder in folders for name in _GROUP_FILES]
        kept = [file for file in kept if read_counter(file, _COUNT) is not None]
        self._file = kept[0] if kept else vmstat_file
        self._seen = self._count()

    def look(self) -> bool:
        """Whether the kernel has ended a process since the last look; False where none is told."""
        count, before = self._count(), self._seen
        self._seen = count
        return count > before

    def _count(self) -> int:
        return read_counter(self._file, _COUNT) or 0
