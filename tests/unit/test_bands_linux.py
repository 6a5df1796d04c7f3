"""Owner bands on Linux: seeded memory is found in its band, and nothing is explained away."""

import mmap
import struct
import sys
from pathlib import Path

import pytest
from memory_fakes import MB, Sleeper, run_fresh

from vext_desktop.memory.bands_linux import LinuxBands
from vext_desktop.memory.library_family import library_family
from vext_desktop.readings import AllocatorCounters, Band, MemoryReading, OwnerBands, ProcessRole

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and glibc")

PAGE = mmap.PAGESIZE
HEAP = 64 << 20
GIB = 1 << 30
PID = 4711

# What a fresh interpreter tells of its bands, in bytes.
LOOK = """
        from vext_desktop.memory.bands_linux import LinuxBands
        source = LinuxBands()
        def look():
            bands = source.take(probe.read_exactly())
            told = {band.value: count for band, count in bands.bands.items()}
            return {**told, "rss": bands.rss_bytes, "sum": sum(told.values())}
        def map_unseen(size):
            "Memory that no allocator counts."
            import mmap
            block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            for page in range(0, size, 4096):
                block[page] = 1
            return block
        def change(before, after):
            return {name: after[name] - before[name] for name in after}
        look()
"""


@linux_only
@pytest.mark.parametrize(
    ("seed", "band"),
    [
        ("kept = allocate(40_000, 1000)", "native_in_use"),
        ("kept = allocate(1, 40_000_000)", "large_blocks"),
        ("free_under_the_top(40_000, 1000)", "native_held"),
        ("kept = [bytes(400) for _ in range(90_000)]", "python_objects"),
        ("kept = map_unseen(40_000_000)", "unexplained"),
    ],
)
def test_memory_is_found_in_the_band_of_its_owner(seed: str, band: str) -> None:
    found = run_fresh(f"""{LOOK}
        before = look()
        {seed}
        after = look()
        found = {{**change(before, after), "before_unexplained": before["unexplained"]}}
    """)
    assert found[band] == pytest.approx(40 * MB, rel=0.08)
    others = {name: count for name, count in found.items() if name not in {band, "rss", "sum"}}
    assert all(abs(count) < 3 * MB for count in others.values()), others
    assert found["sum"] == found["rss"]


@linux_only
def test_a_mapped_model_file_has_its_own_band(tmp_path: Path) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(bytes(20 * MB))
    found = run_fresh(f"""{LOOK}
        import mmap
        before = look()
        file = open({str(model)!r}, "rb")
        kept = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        sum(kept[::4096])
        found = change(before, look())
    """)
    assert found["model_file"] == pytest.approx(20 * MB, rel=0.01)


@linux_only
def test_a_fresh_interpreter_is_explained_by_98_hundredths_and_its_bands_sum_to_rss() -> None:
    found = run_fresh(f"{LOOK}\n        found = look()")
    assert found["sum"] == found["rss"]
    assert abs(found["unexplained"]) < 0.02 * found["rss"]


@linux_only
def test_another_process_is_looked_at_from_outside() -> None:
    sleeper = Sleeper()
    try:
        found = LinuxBands().take(MemoryReading(ProcessRole.READER, sleeper.pid, 9 * MB))
    finally:
        sleeper.close()
    assert found is not None
    assert found.role is ProcessRole.READER
    assert found.libraries["Python"] > MB
    assert Band.PYTHON_OBJECTS not in found.bands, "it has not said what its allocators count"
    assert found.bands[Band.UNEXPLAINED] > MB


def test_a_process_that_has_ended_has_no_bands(tmp_path: Path) -> None:
    assert LinuxBands(tmp_path).take(MemoryReading(ProcessRole.READER, PID, MB)) is None


def test_a_process_that_ends_while_it_is_looked_at_is_no_error(tmp_path: Path) -> None:
    folder = tmp_path / str(PID)
    folder.mkdir()
    (folder / "smaps").write_bytes(b"")
    (folder / "limits").write_bytes(b"")  # what the kernel tells when it is gone by then
    assert LinuxBands(tmp_path).take(MemoryReading(ProcessRole.READER, PID, MB)) is None


class AddressSpace:
    """A process as /proc tells of it, put together by a test."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder
        self.folder = folder / str(PID)
        self.folder.mkdir()
        self.text = ""
        self.present: list[tuple[int, int]] = []

    def add(
        self, start: int, end: int, rights: str, resident: int, name: str = "", offset: int = 0
    ) -> None:
        """A mapping whose first `resident` bytes are there."""
        self.text += (
            f"{start:x}-{end:x} {rights} {offset:08x} 00:00 0   {name}\nSize: 1 kB\n"
            f"Rss: {resident // 1024} kB\nVmFlags: rd \n"
        )
        self.present.append((start, start + resident))

    def bands(self, cache_bytes: int = 0, **counters: int) -> OwnerBands:
        """The bands, for a process that says this of its allocators."""
        (self.folder / "smaps").write_text(self.text)
        (self.folder / "limits").write_text(
            "Max stack size            8388608   unlimited   bytes\n"
        )
        with (self.folder / "pagemap").open("wb") as pagemap:
            for start, end in self.present:
                for page in range(start // PAGE, end // PAGE):
                    pagemap.seek(page * 8)
                    pagemap.write(struct.pack("<Q", 1 << 63))
        heap_bytes = counters.pop("heap_bytes", 0)
        told = AllocatorCounters(
            **{"blocks_bytes": 0, "mapped_bytes": 0, "arenas_bytes": 0, **counters}
        )
        reading = MemoryReading(ProcessRole.WINDOW, PID, 0, heap_bytes, counters=told)
        found = LinuxBands(self.proc).take(reading, cache_bytes)
        assert found is not None
        assert sum(found.bands.values()) == found.rss_bytes
        return found


@pytest.fixture
def space(tmp_path: Path) -> AddressSpace:
    return AddressSpace(tmp_path)


def test_malloc_s_heaps_are_in_use_or_held_and_what_lies_below_one_is_not_malloc_s(
    space: AddressSpace,
) -> None:
    space.add(HEAP // 2, HEAP // 2 + 4 * PAGE, "rw-p", 4 * PAGE, "[heap]")
    space.add(2 * HEAP - 3 * PAGE, 2 * HEAP + 8 * PAGE, "rw-p", 7 * PAGE)
    space.add(2 * HEAP + 8 * PAGE, 3 * HEAP, "---p", 0)
    found = space.bands(arenas_bytes=12 * PAGE, blocks_bytes=5 * PAGE)
    assert found.bands[Band.NATIVE_IN_USE] == 5 * PAGE
    assert found.bands[Band.NATIVE_HELD] == 3 * PAGE
    assert found.bands[Band.UNEXPLAINED] == 3 * PAGE


def test_what_malloc_says_beyond_its_pages_is_left_to_the_remainder_not_hidden(
    space: AddressSpace,
) -> None:
    space.add(HEAP // 2, HEAP // 2 + 4 * PAGE, "rw-p", 4 * PAGE, "[heap]")
    found = space.bands(arenas_bytes=4 * PAGE, blocks_bytes=6 * PAGE)
    assert found.bands[Band.UNEXPLAINED] == -2 * PAGE
    assert found.explained_share == pytest.approx(0.5)


def test_the_cache_of_the_database_is_taken_out_of_native_memory(space: AddressSpace) -> None:
    space.add(HEAP // 2, HEAP // 2 + 9 * PAGE, "rw-p", 9 * PAGE, "[heap]")
    space.add(5 * GIB, 6 * GIB, "rw-p", 2 * PAGE)
    found = space.bands(4 * PAGE, arenas_bytes=9 * PAGE, blocks_bytes=7 * PAGE)
    assert found.bands[Band.ARROW_LANCE] == (4 + 2) * PAGE
    assert found.bands[Band.NATIVE_IN_USE] == 3 * PAGE


def test_stacks_lie_behind_guard_pages_and_no_larger_than_a_stack_can_be(
    space: AddressSpace,
) -> None:
    start = 9 * HEAP + 5 * PAGE
    space.add(start, start + PAGE, "---p", 0)
    space.add(start + PAGE, start + 3 * HEAP, "rw-p", HEAP)
    space.add(20 * HEAP, 20 * HEAP + PAGE, "rw-p", PAGE, "[stack]")
    space.add(21 * HEAP, 21 * HEAP + PAGE, "rwxp", PAGE)
    found = space.bands()
    stack = found.bands[Band.STACKS_JIT] - 2 * PAGE
    assert stack == 8 << 20
    assert found.bands[Band.UNEXPLAINED] == HEAP - stack


def test_python_s_free_arenas_explain_no_more_than_there_are(space: AddressSpace) -> None:
    space.add(9 * HEAP, 9 * HEAP + 90 * PAGE, "rw-p", 90 * PAGE)
    found = space.bands(heap_bytes=20 * PAGE, python_arenas_bytes=30 * PAGE, mapped_bytes=40 * PAGE)
    assert found.bands[Band.PYTHON_OBJECTS] == 20 * PAGE
    assert found.bands[Band.PYTHON_HELD] == 10 * PAGE
    assert found.bands[Band.LARGE_BLOCKS] == 40 * PAGE
    assert found.bands[Band.UNEXPLAINED] == 20 * PAGE


def test_a_large_block_that_is_only_partly_used_yet_counts_with_what_is_resident(
    space: AddressSpace,
) -> None:
    space.add(9 * HEAP, 9 * HEAP + 90 * PAGE, "rw-p", 50 * PAGE)
    found = space.bands(heap_bytes=20 * PAGE, python_arenas_bytes=20 * PAGE, mapped_bytes=70 * PAGE)
    assert found.bands[Band.PYTHON_OBJECTS] == 20 * PAGE
    assert found.bands[Band.LARGE_BLOCKS] == 30 * PAGE
    assert found.bands[Band.UNEXPLAINED] == 0


def library_with_bss(path: Path, data_bytes: int, bss_bytes: int) -> None:
    """An ELF file with one segment, whose memory is larger than its data."""
    header = struct.pack("<4sBB26xQ14xHH", b"\x7fELF", 2, 1, 64, 56, 1).ljust(64, b"\0")
    segment = struct.pack(
        "<IIQQQQQQ", 1, 6, 0, 0x10000, 0, data_bytes, data_bytes + bss_bytes, PAGE
    )
    path.write_bytes((header + segment).ljust(data_bytes, b"\0"))


def test_zeroed_data_of_a_library_is_the_library_s_although_python_s_arenas_follow_it(
    space: AddressSpace, tmp_path: Path
) -> None:
    library = tmp_path / "numpy" / "core.so"
    library.parent.mkdir()
    library_with_bss(library, data_bytes=2 * PAGE - 100, bss_bytes=3 * PAGE)
    start = 9 * HEAP + PAGE
    space.add(start, start + 2 * PAGE, "rw-p", 2 * PAGE, str(library))
    space.add(start + 2 * PAGE, start + 50 * PAGE, "rw-p", 40 * PAGE)
    found = space.bands(heap_bytes=37 * PAGE, python_arenas_bytes=37 * PAGE)
    assert found.libraries == {"numpy and scipy": 5 * PAGE}
    assert found.bands[Band.LIBRARIES] == 5 * PAGE
    assert found.bands[Band.UNEXPLAINED] == 0


def test_a_library_that_was_replaced_on_disk_has_no_known_bss(space: AddressSpace) -> None:
    start = 9 * HEAP + PAGE
    space.add(start, start + PAGE, "rw-p", PAGE, "/nowhere/torch/lib/libtorch.so (deleted)")
    space.add(start + PAGE, start + 2 * PAGE, "rw-p", PAGE)
    found = space.bands()
    assert found.libraries == {"torch": PAGE}
    assert found.bands[Band.UNEXPLAINED] == PAGE


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/v/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so", "torch"),
        ("/v/lib/python3.11/site-packages/onnxruntime/capi/a.so", "ONNX Runtime"),
        ("/v/lib/python3.11/site-packages/PySide6/Qt/lib/libQt6Gui.so.6", "Qt"),
        ("/usr/lib/x86_64-linux-gnu/libQt6Core.so.6.4.2", "Qt"),
        ("/opt/vext/_internal/pyarrow/libarrow.so.2600", "Arrow"),
        ("/opt/vext/_internal/lancedb/_lancedb.abi3.so", "LanceDB"),
        ("/v/lib/python3.11/site-packages/scipy.libs/libopenblas.so", "numpy and scipy"),
        ("/v/lib/python3.11/site-packages/tokenizers/t.abi3.so", "other libraries"),
        ("/usr/bin/python3.11", "Python"),
        ("/usr/lib/libpython3.11.so.1.0", "Python"),
        ("/usr/lib/python3.11/lib-dynload/_ssl.cpython-311.so", "Python"),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", "other libraries"),
        ("[vdso]", "other libraries"),
        ("/usr/share/fonts/DejaVuSans.ttf", "other files"),
        ("/memfd:wayland-shm (deleted)", "other files"),
    ],
)
def test_a_mapped_file_belongs_to_a_family(path: str, family: str) -> None:
    assert library_family(path) == family


@linux_only
def test_descriptors_do_not_pile_up() -> None:
    found = run_fresh(f"""{LOOK}
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            look()
        found = {{"more": len(os.listdir("/proc/self/fd")) - before}}
    """)
    assert found["more"] == 0
