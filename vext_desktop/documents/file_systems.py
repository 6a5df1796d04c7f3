"""What kind of file system a folder lies on, without touching it: a dead one would not answer."""

import os
import sys
from pathlib import Path

# What the kernel makes up: nobody keeps documents there. From `man 5 proc` and <linux/magic.h>.
_MADE_UP = frozenset(
    {
        "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts",
        "devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore",
        "securityfs", "sysfs", "tracefs",
    }
)  # fmt: skip
# Of these the kernel does not tell what other computers change.
_REMOTE = frozenset(
    {
        "9p", "afs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.rclone",
        "fuse.s3fs", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "virtiofs",
    }
)  # fmt: skip


class MountTable:
    """The mounted file systems of this moment; empty where the system has no such table.

    Args:
        table: Where the system keeps it.
    """

    def __init__(self, table: Path = Path("/proc/self/mounts")) -> None:
        self._kinds: dict[str, str] = {}
        try:
            lines = table.read_bytes().splitlines() if sys.platform == "linux" else []
        except OSError:
            lines = []
        for line in lines:
            fields = line.split()
            if len(fields) >= 3:
                # Blanks in a name are written as octal numbers (`man 5 fstab`).
                place = fields[1].decode("unicode_escape").encode("latin-1")
                self._kinds[os.fsdecode(place)] = fields[2].decode()  # a later mount hides one

    def kind_of(self, path: str) -> str:
        """The name of the file system that a path lies on; "" if that is not known."""
        place = path
        while place not in self._kinds:
            above = os.path.dirname(place)  # noqa: PTH120 - names that are no text stay
            if above == place:
                return ""
            place = above
        return self._kinds[place]

    def is_made_up(self, path: str) -> bool:
        """Whether the kernel makes up what is there."""
        return self.kind_of(path) in _MADE_UP

    def is_remote(self, path: str) -> bool:
        """Whether what is there lies on another computer."""
        return self.kind_of(path) in _REMOTE
