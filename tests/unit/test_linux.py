"""The probe for Linux: what it says is what the system and the allocator know."""

import sys
from types import SimpleNamespace

import pytest
from memory_fakes import MB, run_fresh

from vext_desktop.memory.arrow_pool import arrow_pool_bytes
from vext_desktop.memory.linux import malloc_heaps
from vext_desktop.readings import ProcessRole

HEAP = 64 << 20

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and glibc")


@linux_only
def test_rss_is_what_the_system_counts() -> None:
    # In a process that stands still meanwhile, as the one of the tests may not.
    found = run_fresh("""
        reading = probe.read()
        pages = int(open("/proc/self/statm").read().split()[1])
        found = {
            "is_ours": reading.pid == os.getpid(),
            "role": str(reading.role),
            "probed": reading.rss_bytes,
            "counted": pages * os.sysconf("SC_PAGESIZE"),
        }
    """)
    assert found["is_ours"]
    assert found["role"] == ProcessRole.ENGINE
    assert found["probed"] == pytest.approx(found["counted"], abs=MB // 10)


@linux_only
def test_a_cheap_reading_has_heap_and_native_but_does_not_guess_what_is_held() -> None:
    found = run_fresh("""
        cheap, exact = probe.read(), probe.read_exactly()
        counters = cheap.counters
        found = {
            "heap": cheap.heap_bytes, "native": cheap.native_bytes, "held": cheap.held_bytes,
            "counted": counters.blocks_bytes + counters.mapped_bytes + counters.arrow_bytes,
            "arenas": counters.arenas_bytes, "blocks": counters.blocks_bytes,
            "python": counters.python_arenas_bytes, "rss": cheap.rss_bytes,
            "held exactly": exact.held_bytes,
        }
    """)
    assert found["native"] == found["counted"]
    assert found["held"] is None
    assert found["arenas"] >= found["blocks"]
    assert found["heap"] < found["python"] < found["rss"]
    assert 0 <= found["held exactly"] < found["rss"]


@linux_only
def test_native_memory_grows_by_what_malloc_gave_out_and_falls_when_it_comes_back() -> None:
    found = run_fresh("""
        start = probe.read().native_bytes
        small = allocate(20_000, 1000)
        large = allocate(1, 30_000_000)
        full = probe.read().native_bytes
        free(small + large)
        found = {"grown": full - start, "left": probe.read().native_bytes - start}
    """)
    assert found["grown"] == pytest.approx(50 * MB, rel=0.02)
    assert abs(found["left"]) < MB


@linux_only
def test_python_objects_count_as_heap_and_not_as_native() -> None:
    found = run_fresh("""
        first = probe.read_exactly()
        objects = [bytes(400) for _ in range(50_000)]  # 448 bytes each, in pymalloc
        second = probe.read_exactly()
        found = {
            "heap": second.heap_bytes - first.heap_bytes,
            "native": second.native_bytes - first.native_bytes,
        }
    """)
    assert found["heap"] == pytest.approx(50_000 * 448, rel=0.02)
    assert found["native"] < MB


@linux_only
@pytest.mark.parametrize("size", [256, 4000, 8000, 60_000])
def test_what_is_promised_between_blocks_in_use_is_what_a_trim_returns(size: int) -> None:
    found = run_fresh(f"""
        blocks = allocate(50_000_000 // {size}, {size})
        free(blocks[1::2])
        found = promise_and_return()
    """)
    assert found["promised"] == pytest.approx(found["returned"], rel=0.05, abs=1.5 * MB)


@linux_only
def test_memory_freed_in_the_arenas_of_many_threads_is_promised_and_returned() -> None:
    found = run_fresh("""
        kept = []
        def work():
            blocks = allocate(600, 30_000)
            kept.append(blocks[-1])
            free(blocks[:-1])
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        found = promise_and_return()
    """)
    assert found["returned"] > 80 * MB
    assert found["promised"] == pytest.approx(found["returned"], rel=0.05)


@linux_only
def test_an_arena_of_several_heaps_is_found_whole() -> None:
    found = run_fresh("""
        def work():
            blocks = allocate(8_000, 20_000)
            free([block for place, block in enumerate(blocks) if place % 50])
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        found = promise_and_return()
    """)
    assert found["returned"] > 140 * MB
    assert found["promised"] == pytest.approx(found["returned"], rel=0.05)


@linux_only
def test_nothing_is_promised_twice() -> None:
    found = run_fresh("""
        free_under_the_top(1000, 50_000)
        first = promise_and_return()["returned"]
        found = {**promise_and_return(), "first": first}
    """)
    assert found["first"] > 45 * MB
    assert found["promised"] < MB
    assert found["returned"] < MB


@linux_only
def test_pages_that_went_back_before_are_not_promised_with_new_small_holes() -> None:
    found = run_fresh("""
        free_under_the_top(1000, 50_000)
        allocator.trim()
        blocks = allocate(100_000, 256)
        free(blocks[1::2])
        found = promise_and_return()
    """)
    assert found["promised"] == pytest.approx(found["returned"], abs=1.5 * MB)


@linux_only
def test_memory_that_was_asked_for_but_never_touched_is_not_promised() -> None:
    found = run_fresh("""
        blocks = [libc.malloc(100_000) for _ in range(500)]
        found = promise_and_return()
    """)
    assert found["promised"] < MB


@linux_only
@pytest.mark.parametrize("never_touched", [0, 15, 200])
def test_after_a_trim_blocks_never_touched_do_not_make_the_promise_too_small(
    never_touched: int,
) -> None:
    found = run_fresh(f"""
        held = allocate(200, 50_000)
        kept = [libc.malloc(100_000) for _ in range({never_touched})]
        barrier = allocate(1, 50_000)
        allocator.trim()
        probe.note_trimmed()
        nothing = probe.read_exactly().held_bytes
        free(held)
        found = {{**promise_and_return(), "nothing": nothing}}
    """)
    assert found["nothing"] < 50_000
    assert found["returned"] > 9 * MB
    assert found["promised"] == pytest.approx(found["returned"], rel=0.02)


@linux_only
def test_the_free_end_of_another_arena_s_heap_makes_no_promise_too_small() -> None:
    found = run_fresh("""
        ends = []
        def work():
            blocks = allocate(1, 100_000)
            ends.append(libc.malloc(8_000_000 // 100))
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        free_under_the_top(200, 50_000)
        found = promise_and_return()
    """)
    assert found["promised"] == pytest.approx(found["returned"], rel=0.05)


@linux_only
def test_after_a_fork_the_probe_reads_the_new_process() -> None:
    found = run_fresh("""
        probe.read()
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            ballast = bytearray(60_000_000)
            reading = probe.read()
            os.write(writable, json.dumps([reading.pid, reading.rss_bytes]).encode())
            os._exit(0)
        os.waitpid(pid, 0)
        child_pid, child_rss = json.loads(os.read(readable, 1000))
        found = {
            "is_child": child_pid == pid,
            "more": child_rss - probe.read().rss_bytes,
            "is_parent": probe.read().pid == os.getpid(),
        }
    """)
    assert found["is_child"]
    assert found["is_parent"]
    assert found["more"] > 40 * MB


@linux_only
def test_reading_imports_no_heavy_library() -> None:
    found = run_fresh("""
        heavy = {"numpy", "pyarrow", "torch", "psutil", "PySide6"} & set(sys.modules)
        found = {name: 1 for name in heavy}
    """)
    assert found == {}


@linux_only
def test_without_python_s_own_allocator_the_heap_is_unknown() -> None:
    found = run_fresh(
        "found = {'heap': probe.read_exactly().heap_bytes}",
        PYTHONMALLOC="malloc",
    )
    assert found == {"heap": None}


def test_the_arrow_pool_counts_only_where_pyarrow_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loaded(backend: str) -> SimpleNamespace:
        pool = SimpleNamespace(backend_name=backend, bytes_allocated=lambda: 7 * MB)
        return SimpleNamespace(default_memory_pool=lambda: pool)

    monkeypatch.delitem(sys.modules, "pyarrow", raising=False)
    assert arrow_pool_bytes() == 0
    monkeypatch.setitem(sys.modules, "pyarrow", loaded("mimalloc"))
    assert arrow_pool_bytes() == 7 * MB
    monkeypatch.setitem(sys.modules, "pyarrow", loaded("system"))
    assert arrow_pool_bytes() == 0, "a pool on malloc is counted by malloc"


def maps_line(start: int, end: int, rights: str, name: str = "") -> str:
    return f"{start:x}-{end:x} {rights} 00000000 00:00 0  {name}\n"


def test_malloc_heaps_are_told_from_other_anonymous_memory() -> None:
    arena, lone = 10 * HEAP, 21 * HEAP + 4096
    maps = [
        maps_line(HEAP // 2, HEAP // 2 + MB, "rw-p", "[heap]"),
        # An arena with somebody else's memory just below it, merged by the kernel.
        maps_line(arena - MB, arena + 2 * MB, "rw-p"),
        maps_line(arena + 2 * MB, arena + HEAP, "---p"),
        maps_line(lone, lone + 5 * MB, "rw-p"),
        maps_line(30 * HEAP, 30 * HEAP + MB, "rw-p", "/lib/libc.so.6"),
    ]
    heaps = malloc_heaps(maps, 3 * MB)
    assert heaps == [(HEAP // 2, HEAP // 2 + MB), (arena, arena + 2 * MB)]


def test_full_heaps_have_no_reserve_and_are_found_by_their_size() -> None:
    maps = [
        maps_line(10 * HEAP, 12 * HEAP, "rw-p"),
        maps_line(13 * HEAP, 13 * HEAP + MB, "rw-p"),
        maps_line(13 * HEAP + MB, 14 * HEAP, "---p"),
    ]
    assert malloc_heaps(maps, 2 * HEAP + MB) == [
        (13 * HEAP, 13 * HEAP + MB),
        (10 * HEAP, 12 * HEAP),
    ]


def test_a_heap_that_cannot_be_found_makes_the_promise_unknown_not_wrong() -> None:
    maps = [maps_line(HEAP // 2, HEAP // 2 + MB, "rw-p", "[heap]")]
    assert malloc_heaps(maps, 100 * MB) is None


@linux_only
def test_descriptors_do_not_pile_up() -> None:
    found = run_fresh("""
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            another = create_probe(ProcessRole.WINDOW)
            another.read()
            another.read_exactly()
            del another
        found = {"more": len(os.listdir("/proc/self/fd")) - before}
    """)
    assert found["more"] == 0
