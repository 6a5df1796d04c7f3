"""How much memory we may use: the user's limit, or a share of what is left, if that is less."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from vext_desktop.memory.control_groups import CGROUP_FILE, CGROUP_ROOT, own_groups
from vext_desktop.readings import format_bytes


@dataclass(frozen=True, slots=True)
class Available:
    """Memory that could still be taken without swapping.

    Attributes:
        machine_bytes: On the whole machine.
        container_bytes: Up to the limit of our control group; None where there is no limit.
        container_used_bytes: What is used in that group, by us and others; None where not told.
    """

    machine_bytes: int
    container_bytes: int | None = None
    container_used_bytes: int | None = None

    @property
    def tightest(self) -> tuple[int, str]:
        """What is left where least is left, and what that place is called."""
        if self.container_bytes is not None and self.container_bytes < self.machine_bytes:
            return self.container_bytes, "container"
        return self.machine_bytes, "machine"


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
        machine_share: Share that we may take of the memory that would be free without us.
        soft_share: Share of the limit at which we slow down.
        ours_bytes: What our processes hold now, all together.
        available: Tells what is left; `read_available` if None.
    """
    left = (available or read_available)()
    left_bytes, place = left.tightest
    # Pages that our processes share count in each of them, but only once in the group.
    charged_bytes = ours_bytes
    if place == "container" and left.container_used_bytes is not None:
        charged_bytes = min(ours_bytes, left.container_used_bytes)
    # Of what would be free without us: our own growth must not raise its own limit.
    more_bytes = round(machine_share * (charged_bytes + max(0, left_bytes))) - charged_bytes
    shared_bytes = max(0, ours_bytes + more_bytes)
    if cap_bytes <= shared_bytes:
        limit_bytes, owner = cap_bytes, f"your limit of {format_bytes(cap_bytes)}"
    else:
        limit_bytes = shared_bytes
        owner = f"{machine_share * 100:.0f} % of the memory of this {place} that others leave free"
    return Budget(limit_bytes, round(soft_share * limit_bytes), owner)


def read_available(cgroup_file: Path = CGROUP_FILE, cgroup_root: Path = CGROUP_ROOT) -> Available:
    """What is left on this machine and in our control group (version 1 or 2, Linux only)."""
    machine_bytes = int(psutil.virtual_memory().available)
    # The least that is left up to any limit between our group and the root.
    read = [group.read() for group in own_groups(cgroup_file, cgroup_root)]
    limited = [memory for memory in read if memory is not None]
    if not limited:
        return Available(machine_bytes)
    tightest = min(limited, key=lambda memory: memory.left_bytes)
    return Available(machine_bytes, tightest.left_bytes, tightest.used_bytes)
