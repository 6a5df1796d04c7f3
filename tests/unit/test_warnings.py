"""Warnings: once for each crossing, with batch and file, and never for what is merely kept."""

import pytest

from vext_desktop.events import MemoryWarned, WarningKind
from vext_desktop.memory.warnings import WarningWatch
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

MB = 1_000_000
ENGINE, WINDOW = ProcessRole.ENGINE, ProcessRole.WINDOW


def program(
    rss_mb: int = 500,
    native_mb: int | None = 200,
    heap_mb: int = 100,
    *,
    held_mb: int | None = None,
    pid: int = 20,
) -> ProgramReading:
    """The engine as given, beside a window of 100 MB that never changes."""
    native = None if native_mb is None else native_mb * MB
    held = None if held_mb is None else held_mb * MB
    engine = MemoryReading(ENGINE, pid, rss_mb * MB, heap_mb * MB, native, held)
    window = MemoryReading(WINDOW, 10, 100 * MB, 30 * MB, 20 * MB)
    return ProgramReading(0.0, (window, engine))


class Run:
    """Feeds one reading after another, and keeps what was warned of."""

    def __init__(self, warm_up_batches: int = 5) -> None:
        self.watch = WarningWatch(1200 * MB, 50 * MB, 100 * MB, warm_up_batches)
        self.batch = 0

    def see(self, *readings: ProgramReading) -> list[MemoryWarned]:
        found = []
        for reading in readings:
            self.batch += 1
            found += self.watch.check(reading, self.batch, "a/report.pdf")
        return found


def test_a_calm_run_gives_no_warning() -> None:
    assert Run().see(*[program()] * 100) == []


def test_rss_over_the_line_names_batch_file_and_process() -> None:
    run = Run()
    run.see(program())
    (warning,) = run.see(program(rss_mb=1250))
    assert warning.kind is WarningKind.RSS_OVER_LIMIT
    assert (warning.measured_bytes, warning.limit_bytes) == (1350 * MB, 1200 * MB)
    assert (warning.batch, warning.path) == (2, "a/report.pdf")
    for part in ("1.4 GB", "1.2 GB", "engine", "batch 2", "a/report.pdf"):
        assert part in warning.message


def test_rss_that_trembles_at_the_line_is_one_crossing() -> None:
    found = Run().see(*[program(rss_mb=1110), program(rss_mb=1090)] * 10)
    assert len(found) == 1


def test_rss_that_fell_and_rose_again_is_a_new_crossing() -> None:
    found = Run().see(program(rss_mb=1110), program(rss_mb=900), program(rss_mb=1110))
    assert [warning.batch for warning in found] == [1, 3]


def test_rss_that_grew_without_its_use_is_laid_at_the_allocators_door() -> None:
    run = Run()
    run.see(program(rss_mb=600))
    (warning,) = run.see(program(rss_mb=1150, native_mb=210))
    assert "the allocators keep most of the rest" in warning.message
    assert "only by 10 MB" in warning.message


def test_rss_that_grew_with_its_use_is_not_excused() -> None:
    run = Run()
    for step in range(12):
        run.see(program(rss_mb=500 + 50 * step, native_mb=200 + 50 * step))
    (warning,) = run.see(program(rss_mb=1150, native_mb=840))
    assert "keep" not in warning.message


def test_what_an_exact_reading_found_to_be_held_is_said() -> None:
    (warning,) = Run().see(program(rss_mb=1150, held_mb=180))
    assert "keep 180 MB that nothing uses" in warning.message


def test_native_growth_counts_from_the_level_settled_after_the_warm_up() -> None:
    run = Run()
    warm_up = [program(native_mb=100 + 20 * batch) for batch in range(5)]
    settled = [program(native_mb=200)] * 11
    assert run.see(*warm_up, *settled, program(native_mb=249)) == []
    (warning,) = run.see(program(native_mb=251))
    assert warning.kind is WarningKind.NATIVE_GROWTH
    assert (warning.measured_bytes, warning.limit_bytes) == (51 * MB, 50 * MB)
    for part in ("engine", "51 MB", "200 MB", "batch 18", "a/report.pdf"):
        assert part in warning.message


def test_native_growth_is_told_once_until_it_has_gone_back() -> None:
    run = Run()
    run.see(*[program()] * 16)
    grown, calm = program(native_mb=260), program(native_mb=240)
    assert len(run.see(grown, grown, program(native_mb=249), grown)) == 1
    assert len(run.see(calm, grown)) == 1


def test_a_spike_while_settling_does_not_move_the_level() -> None:
    run = Run(warm_up_batches=0)
    run.see(*[program(native_mb=200)] * 8, *[program(native_mb=230)] * 3)
    assert len(run.see(program(native_mb=255))) == 1


def test_a_restarted_engine_settles_anew() -> None:
    run = Run()
    run.see(*[program()] * 16)
    assert run.see(*[program(native_mb=290, pid=21)] * 40) == []


def test_a_jump_in_use_from_one_batch_to_the_next_is_told_each_time() -> None:
    run = Run()
    run.see(program())
    (warning,) = run.see(program(heap_mb=160, native_mb=250))
    assert warning.kind is WarningKind.HEAP_GROWTH
    assert (warning.measured_bytes, warning.limit_bytes) == (110 * MB, 100 * MB)
    assert "most in the engine process" in warning.message
    assert run.see(program(heap_mb=160, native_mb=250)) == []
    assert len(run.see(program(heap_mb=280, native_mb=250))) == 1


def test_a_new_process_has_begun_and_not_grown() -> None:
    run = Run()
    run.see(program())
    assert run.see(program(heap_mb=300, native_mb=400, pid=21)) == []


def test_rss_may_jump_without_a_warning_when_nothing_more_is_in_use() -> None:
    run = Run()
    run.see(program())
    assert run.see(program(rss_mb=900)) == []


@pytest.mark.parametrize("rss_mb", [600, 1150])
def test_where_native_memory_is_unknown_only_rss_is_judged(rss_mb: int) -> None:
    run = Run()
    found = run.see(*[program(rss_mb=rss_mb, native_mb=None)] * 30)
    kinds = [warning.kind for warning in found]
    assert kinds == ([WarningKind.RSS_OVER_LIMIT] if rss_mb == 1150 else [])


def test_memory_that_is_taken_for_a_time_is_told_with_what_takes_it() -> None:
    run = Run()
    run.see(*[program()] * 20)
    engine = program(native_mb=300).processes[1]
    window = MemoryReading(WINDOW, 10, 200 * MB, 30 * MB, 100 * MB)
    found = run.watch.check(
        ProgramReading(0.0, (window, engine)), 21, "a.pdf", "The index is being tidied up."
    )
    told = {warning.message.split(" process")[0].split()[-1]: warning.message for warning in found}
    assert told.keys() == {"window", "engine"}
    assert told["window"].endswith("(batch 21, a.pdf). The index is being tidied up.")
    assert "tidied" not in told["engine"]
