"""Settings of the allocators, and what gives their free memory back to the system."""

import functools
import gc
import sys
from collections.abc import Callable

from vext_desktop.memory.glibc import Glibc
from vext_desktop.memory.library_pages import release_library_pages
from vext_desktop.memory.probe import Probe, note_trimmed
from vext_desktop.memory.word_table import stretch_word_table

# Each arena keeps free memory of its own: 13 of them held 17 MB beside LanceDB, 2 held 4 MB.
_ARENAS = 2
# Larger blocks get a mapping of their own and go back to the system when they are freed. Without
# a fixed limit malloc raises it to the largest such block, and then keeps them in its arenas.
_MAPPED_FROM_BYTES = 1 << 20


def prepare_engine_allocator() -> None:
    """Set the allocator of the engine process; call it before any thread is started.

    Only the number of arenas: lower thresholds for mappings and trimming keep memory flat too,
    but cost a fifth to a third of the speed of torch, where padded lengths cost a thirtieth.
    """
    glibc = _glibc()
    if glibc is not None:
        glibc.limit_arenas(_ARENAS)


def prepare_program_allocator(*, has_torch: bool) -> None:
    """Set the allocator of the window or command line; call it before LanceDB is loaded.

    LanceDB's maintenance takes tens of megabytes in many threads and leaves them in pieces. 16 000
    rows in groups of 512, maintained every 5000: 287 MB resident as it was, 221 MB like this.

    Args:
        has_torch: Whether torch runs in this process: then large blocks are left to malloc, since
            it would need up to a third more time. ONNX Runtime keeps its own: beside it, blocks
            of LanceDB's that were left to malloc held 20 MB for nobody after 2000 batches.
    """
    glibc = _glibc()
    if glibc is not None:
        glibc.limit_arenas(_ARENAS)
        if not has_torch:
            glibc.map_blocks_from(_MAPPED_FROM_BYTES)


def settle(collect: Callable[[], object] = gc.collect) -> None:
    """Call once a process has loaded what it needs: what lives now lives to the end.

    Freezing takes those objects out of the collector's sight. A full collection takes 0.7 s
    before it in a process with torch, and 0.3 ms after it.

    Args:
        collect: Runs the garbage collector, as for `free_process_memory`.
    """
    collect()
    gc.freeze()
    stretch_word_table()
    trim()


def keep_loaded(probe: Probe) -> None:
    """Call after the store has been loaded: like `settle`, but nothing is collected first.

    That would hold up the other threads of a program with a window. A later full collection in
    its main thread takes 65 ms if it has to look at LanceDB's classes too.

    Args:
        probe: Reads this process.
    """
    gc.freeze()
    _stretch_once()
    trim()
    release_library_pages()
    note_trimmed(probe)


@functools.cache
def _stretch_once() -> None:
    """Not again with each run: with the store loaded, the table has its last size."""
    stretch_word_table()


def tidy() -> None:
    """Collect and trim between two pieces of work; some milliseconds after `keep_loaded`.

    By itself Python looks through old objects only after 80 000 new ones: half a megabyte of
    circles waited for that for 600 batches. Where a window collects, which must do so in its own
    thread, nothing is collected here.
    """
    if gc.isenabled():
        gc.collect()
    trim()


def trim() -> None:
    """Give free native memory back to the system; harmless where the system offers no way."""
    glibc = _glibc()
    if glibc is not None:
        glibc.trim()  # psutil's would keep the interpreter lock for those 6 to 40 ms
        return
    import psutil  # noqa: PLC0415 - a child on Linux never needs it

    if hasattr(psutil, "heap_trim"):  # not on every system (musl, some BSDs)
        psutil.heap_trim()


def free_process_memory(collect: Callable[[], object] = gc.collect) -> None:
    """Give back to the system whatever this process can do without.

    Garbage in cycles first, then what Arrow's pool keeps (if pyarrow is loaded at all), then
    malloc, where both leave free blocks.

    Args:
        collect: Runs the garbage collector. A program with a window must do that in its main
            thread, whatever thread asks.
    """
    collect()
    create_pool = getattr(sys.modules.get("pyarrow"), "default_memory_pool", None)
    if create_pool is not None:
        create_pool().release_unused()
    trim()


def _glibc() -> Glibc | None:
    try:
        return Glibc()
    except OSError:  # another system, or another C library
        return None
