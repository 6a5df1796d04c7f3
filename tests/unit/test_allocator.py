"""Cleanup: what the allocators keep for nobody goes back to the system."""

import gc
import sys
import weakref
from types import SimpleNamespace

import psutil
import pytest
from memory_fakes import MB, FakeProbe, run_fresh

from vext_desktop.memory import allocator

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")


@linux_only
@pytest.mark.parametrize("action", ["trim", "settle", "free_process_memory"])
def test_free_native_memory_goes_back_to_the_system(action: str) -> None:
    found = run_fresh(f"""
        free_under_the_top(1200, 50_000)
        found = {{"returned": returned_by(allocator.{action})}}
    """)
    assert found["returned"] > 50 * MB


@linux_only
def test_garbage_in_cycles_is_collected_before_the_trim() -> None:
    found = run_fresh("""
        gc.disable()
        class Knot: pass
        def tie():
            for _ in range(1000):
                knot = Knot()
                knot.me, knot.ballast = knot, bytearray(50_000)
        tie()
        found = {
            "trim": returned_by(allocator.trim),
            "free": returned_by(allocator.free_process_memory),
        }
    """)
    assert found["trim"] < 5 * MB
    assert found["free"] > 45 * MB


@linux_only
def test_settling_hides_what_lives_from_the_collector() -> None:
    found = run_fresh("""
        survivors = [[number] for number in range(10_000)]
        allocator.settle()
        found = {"frozen": gc.get_freeze_count(), "collected": gc.collect()}
    """)
    assert found["frozen"] > 10_000


@pytest.mark.parametrize("collects_by_itself", [True, False])
def test_a_long_run_collects_now_and_then_unless_a_window_does(collects_by_itself: bool) -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    gc.disable()
    try:
        seen = weakref.ref(Circle())
        if collects_by_itself:
            gc.enable()
        allocator.tidy()
        assert (seen() is None) is collects_by_itself
    finally:
        gc.enable()


@linux_only
def test_the_engine_s_threads_share_two_arenas() -> None:
    found = run_fresh("""
        def arenas():
            text = allocator.Glibc()._printed(allocator.Glibc()._print_malloc_info)
            return text.count(b"<heap ")
        allocator.prepare_engine_allocator()
        gate = threading.Barrier(7)
        def work():
            block = libc.malloc(3000)
            gate.wait()
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads: thread.start()
        gate.wait()
        for thread in threads: thread.join()
        found = {"arenas": arenas()}
    """)
    assert found["arenas"] <= 2


@linux_only
@pytest.mark.parametrize(("has_torch", "least", "most"), [(False, 36, 41), (True, 0, 4)])
def test_large_blocks_go_back_when_freed_unless_torch_wants_them_kept(
    has_torch: bool, least: int, most: int
) -> None:
    found = run_fresh(f"""
        free(allocate(1, 30_000_000))  # from now on malloc keeps blocks up to this size
        allocator.prepare_program_allocator(has_torch={has_torch})
        blocks = allocate(10, 4_000_000)
        before = probe.read().rss_bytes
        free(blocks)
        found = {{"returned": before - probe.read().rss_bytes}}
    """)
    assert least * MB <= found["returned"] <= most * MB


def test_the_arrow_pool_is_emptied_only_where_pyarrow_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = []
    pool = SimpleNamespace(release_unused=lambda: released.append(True))
    monkeypatch.delitem(sys.modules, "pyarrow", raising=False)
    allocator.free_process_memory()
    assert released == []
    assert "pyarrow" not in sys.modules
    fake = SimpleNamespace(default_memory_pool=lambda: pool)
    monkeypatch.setitem(sys.modules, "pyarrow", fake)
    allocator.free_process_memory()
    assert released == [True]


@pytest.mark.parametrize("has_trim", [True, False])
def test_without_the_gnu_library_psutil_trims_where_it_can(
    has_trim: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("not GNU's")

    trimmed = []
    monkeypatch.setattr(allocator, "Glibc", refuse)
    monkeypatch.delattr(psutil, "heap_trim", raising=False)
    if has_trim:
        monkeypatch.setattr(psutil, "heap_trim", lambda: trimmed.append(True), raising=False)
    allocator.prepare_engine_allocator()
    allocator.prepare_program_allocator(has_torch=False)
    allocator.trim()
    assert trimmed == ([True] if has_trim else [])
    assert gc.isenabled()


def test_what_is_loaded_is_kept_from_the_collector_and_the_probe_knows_of_the_trim() -> None:
    class Trimmed(FakeProbe):
        trims = 0

        def note_trimmed(self) -> None:
            self.trims += 1

    probe = Trimmed()
    loaded = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    try:
        allocator.keep_loaded(probe)
        assert gc.get_freeze_count() >= before + len(loaded)
        assert probe.trims == 1
    finally:
        gc.unfreeze()


def test_the_table_of_words_is_stretched_once_however_many_runs_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(allocator, "stretch_word_table", lambda: calls.append("stretched"))
    allocator._stretch_once.cache_clear()
    try:
        for _ in range(3):
            allocator.keep_loaded(FakeProbe())
    finally:
        gc.unfreeze()
    assert calls == ["stretched"]
