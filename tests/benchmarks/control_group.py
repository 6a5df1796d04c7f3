"""A control group with a memory limit, for one benchmark or test: made by hand, version 1 or 2."""

import contextlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path("/sys/fs/cgroup")
REMOVE_LIMIT_S = 5.0


class NoControlGroupError(Exception):
    """Control groups cannot be made here; the message says why."""


class ControlGroup:
    """A group below our reach, with a hard limit and no swap; it is removed at the end.

    Args:
        name: The beginning of its name.
        limit_bytes: What all processes in it may hold together, page cache included.
    """

    def __init__(self, name: str, limit_bytes: int) -> None:
        self._is_v2 = (ROOT / "cgroup.controllers").exists()
        parent = ROOT if self._is_v2 else ROOT / "memory"
        self.folder = parent / f"{name}-{os.getpid()}"
        self._limit_bytes = limit_bytes

    def __enter__(self) -> Self:
        try:
            if self._is_v2:
                self._enable_v2()
            self.folder.mkdir()
        except OSError as error:
            raise NoControlGroupError(str(error)) from error
        try:
            self._limit()
        except OSError as error:
            self.folder.rmdir()
            raise NoControlGroupError(str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        deadline = time.monotonic() + REMOVE_LIMIT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.05)  # a child of the program that was killed is still on its way out

    def wrap(self, command: list[str]) -> list[str]:
        """The command that runs another one inside the group."""
        join = f'echo $$ > "{self.folder}/cgroup.procs" && exec "$@"'
        return ["/bin/sh", "-c", join, "sh", *command]

    def kills(self) -> int:
        """How many processes of the group the kernel has killed for want of memory."""
        file = "memory.events" if self._is_v2 else "memory.oom_control"
        for line in (self.folder / file).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value)
        return 0

    def peak_bytes(self) -> int:
        """The most that the group has held, page cache included; 0 where that is not kept."""
        file = self.folder / ("memory.peak" if self._is_v2 else "memory.max_usage_in_bytes")
        try:
            return int(file.read_text())
        except OSError:
            return 0

    def _enable_v2(self) -> None:
        control = ROOT / "cgroup.subtree_control"
        if "memory" not in control.read_text().split():
            control.write_text("+memory")

    def _limit(self) -> None:
        if self._is_v2:
            (self.folder / "memory.max").write_text(str(self._limit_bytes))
            with contextlib.suppress(OSError):  # a kernel without swap has no such file
                (self.folder / "memory.swap.max").write_text("0")
            return
        (self.folder / "memory.limit_in_bytes").write_text(str(self._limit_bytes))
        with contextlib.suppress(OSError):
            (self.folder / "memory.memsw.limit_in_bytes").write_text(str(self._limit_bytes))
