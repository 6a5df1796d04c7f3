"""macOS: owner bands of the footprint. Not yet run on a Mac."""

import ctypes
import logging
from typing import Any

from vext_desktop.memory.bands import bands_of_counts
from vext_desktop.readings import MemoryReading, OwnerBands

_RUSAGE_INFO_V0 = 0  # from <sys/resource.h>

logger = logging.getLogger("vext.memory")


class RusageInfoV0(ctypes.Structure):
    """`struct rusage_info_v0` of <sys/resource.h>; later versions only add at its end."""

    _fields_ = (
        ("ri_uuid", ctypes.c_uint8 * 16),
        ("ri_user_time", ctypes.c_uint64),
        ("ri_system_time", ctypes.c_uint64),
        ("ri_pkg_idle_wkups", ctypes.c_uint64),
        ("ri_interrupt_wkups", ctypes.c_uint64),
        ("ri_pageins", ctypes.c_uint64),
        ("ri_wired_size", ctypes.c_uint64),
        ("ri_resident_size", ctypes.c_uint64),
        ("ri_phys_footprint", ctypes.c_uint64),
        ("ri_proc_start_abstime", ctypes.c_uint64),
        ("ri_proc_exit_abstime", ctypes.c_uint64),
    )


class MacosBands:
    """Tells the bands that macOS can tell apart: Python, malloc in use and held, Arrow, the rest.

    They sum to the *footprint*, "Memory" in Activity Monitor: dirty and compressed pages. Clean
    pages of files, so libraries and a mapped model, are not in it; resident memory would be the
    wrong total, since it falls when the system compresses what a process still owns.

    Args:
        library: Where `proc_pid_rusage` is; by default the system's own library.
    """

    def __init__(self, library: Any = None) -> None:
        self._library = library or ctypes.CDLL(None, use_errno=True)

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands | None:
        """The bands of a process; microseconds. None when it is gone or has told no counts."""
        told = RusageInfoV0()
        if self._library.proc_pid_rusage(reading.pid, _RUSAGE_INFO_V0, ctypes.byref(told)) != 0:
            logger.info("macOS told no footprint of the %s process", reading.role)
            return None
        return bands_of_counts(reading, told.ri_phys_footprint, cache_bytes)
