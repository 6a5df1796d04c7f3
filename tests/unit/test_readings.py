"""Sums over processes, and how numbers are told to people."""

import dataclasses

import pytest

from vext_desktop.readings import (
    Band,
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    OwnerBands,
    ProcessRole,
    ProgramBands,
    ProgramReading,
    format_bytes,
    format_seconds,
)

MB = 1_000_000


def reading(role: ProcessRole, rss_mb: int, heap_mb: int | None = None) -> MemoryReading:
    heap_bytes = None if heap_mb is None else heap_mb * MB
    return MemoryReading(role, 1, rss_mb * MB, heap_bytes)


def receipt(before_mb: int, after_mb: int) -> CleanupReceipt:
    before, after = (
        ProgramReading(0.0, (reading(ProcessRole.ENGINE, rss_mb),))
        for rss_mb in (before_mb, after_mb)
    )
    return CleanupReceipt(CleanupAction.FREE_MEMORY, "you", before, after, 0.021)


def test_a_sum_is_over_the_processes_that_can_tell() -> None:
    program = ProgramReading(
        0.0, (reading(ProcessRole.WINDOW, 100, 30), reading(ProcessRole.ENGINE, 500))
    )
    assert program.rss_bytes == 600 * MB
    assert program.heap_bytes == 30 * MB


def test_what_no_process_can_tell_is_not_known_rather_than_zero() -> None:
    program = ProgramReading(0.0, (reading(ProcessRole.ENGINE, 500),))
    assert (program.heap_bytes, program.native_bytes, program.held_bytes) == (None, None, None)


def test_a_process_is_found_by_its_role_or_is_not_there() -> None:
    engine = reading(ProcessRole.ENGINE, 500)
    program = ProgramReading(0.0, (engine,))
    assert program.of(ProcessRole.ENGINE) is engine
    assert program.of(ProcessRole.READER) is None


def test_a_receipt_tells_what_came_back() -> None:
    assert receipt(700, 520).sentence == "Free memory gave back 180 MB in 21 ms."


def test_a_receipt_says_nothing_came_back_when_memory_even_grew() -> None:
    assert receipt(700, 710).returned_bytes == 0
    assert receipt(700, 710).sentence == "Free memory gave back nothing in 21 ms."


def bands(held_mb: int, python_mb: int = 30, pid: int = 1) -> ProgramBands:
    counts = {Band.PYTHON_OBJECTS: python_mb * MB, Band.NATIVE_HELD: held_mb * MB}
    rss_bytes = (held_mb + python_mb) * MB
    return ProgramBands(0.0, (OwnerBands(ProcessRole.ENGINE, pid, rss_bytes, counts),))


def test_a_receipt_with_bands_names_what_gave_back_most() -> None:
    told = dataclasses.replace(
        receipt(700, 516), bands_before=bands(182, 34), bands_after=bands(2, 30)
    )
    assert told.sentence == (
        "Free memory gave back 184 MB in 21 ms: "
        "180 MB of native heap that was held for nobody in the engine."
    )


def test_nothing_is_said_plainly_whatever_the_bands_say() -> None:
    told = dataclasses.replace(receipt(700, 700), bands_before=bands(5), bands_after=bands(2))
    assert told.sentence == "Free memory gave back nothing in 21 ms."


def test_bands_of_another_process_are_no_gain() -> None:
    told = dataclasses.replace(
        receipt(700, 516), bands_before=bands(182), bands_after=bands(2, pid=9)
    )
    assert told.largest_gain is None
    assert told.sentence == "Free memory gave back 184 MB in 21 ms."


def test_a_reload_tells_what_the_old_engine_gave_back_and_what_the_new_one_took() -> None:
    before, after = (
        ProgramReading(0.0, (MemoryReading(ProcessRole.ENGINE, pid, rss_mb * MB),))
        for pid, rss_mb in ((1, 580), (2, 460))
    )
    told = CleanupReceipt(CleanupAction.RELOAD_MODEL, "you", before, after, 8.9)
    assert told.sentence == (
        "Reload model gave back 120 MB in 8.9 s: "
        "all 580 MB of the old engine went back, the new one took 460 MB."
    )


@pytest.mark.parametrize(
    ("window_after_mb", "sentence"),
    [
        (103, "gave back 117 MB in 8.9 s: {}, the other processes took 3 MB."),
        (80, "gave back 140 MB in 8.9 s: {}, the other processes gave back 20 MB."),
    ],
)
def test_the_figures_of_a_reload_add_up(window_after_mb: int, sentence: str) -> None:
    before, after = (
        ProgramReading(
            0.0,
            (
                MemoryReading(ProcessRole.WINDOW, 7, window_mb * MB),
                MemoryReading(ProcessRole.ENGINE, pid, engine_mb * MB),
            ),
        )
        for pid, engine_mb, window_mb in ((1, 580, 100), (2, 460, window_after_mb))
    )
    told = CleanupReceipt(CleanupAction.RELOAD_MODEL, "you", before, after, 8.9)
    exchange = "all 580 MB of the old engine went back, the new one took 460 MB"
    assert told.sentence == f"Reload model {sentence.format(exchange)}"


@pytest.mark.parametrize(
    ("trigger", "unused_s", "sentence"),
    [
        ("idle", 300.0, "Model unloaded after 5 min without use: 172 MB given back."),
        ("run_end", None, "Model unloaded after the run: 172 MB given back."),
        ("you", None, "Unload model gave back 172 MB in 21 ms."),
    ],
)
def test_an_unloading_says_why_it_was(trigger: str, unused_s: float | None, sentence: str) -> None:
    told = dataclasses.replace(
        receipt(272, 100), action=CleanupAction.UNLOAD_MODEL, trigger=trigger, unused_s=unused_s
    )
    assert told.sentence == sentence


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 kB"), (999_000, "999 kB"), (1_000_000, "1 MB"), (1_250_000_000, "1.2 GB")],
)
def test_sizes_are_told_in_decimal_units(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0215, "22 ms"), (1.0, "1.0 s"), (42.4, "42 s"), (600.0, "10 min"), (7200.0, "2.0 h")],
)
def test_durations_are_told_in_the_unit_that_suits(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text
