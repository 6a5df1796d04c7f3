"""The verdict over a run: which process, which owner, since when, and what follows from it."""

import json

import numpy as np
import pytest

from vext_desktop.events import MemoryJudged
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.readings import (
    AllocatorCounters,
    Band,
    MemoryReading,
    ProcessRole,
    ProgramReading,
)

MB = 1_000_000


class Run:
    """Feeds a recorder with an engine and a window, batch by batch."""

    def __init__(self, limit_mb: int | None = None) -> None:
        self.recorder = VerdictRecorder(None if limit_mb is None else limit_mb * MB)
        self.batch = 0
        self.leaked = 0.0
        self.random = np.random.default_rng(5)

    def go(
        self,
        batches: int,
        *,
        engine_leak: float = 0.0,
        of: str = "blocks",
        held: float = 0.0,
        window_cache: float = 0.0,
        declared: bool = False,
        pid: int = 20,
    ) -> None:
        for place in range(batches):
            self.batch += 1
            self.leaked += engine_leak
            cache = round(window_cache * place * MB)
            jitter = self.random.normal(0, 0.02, 4) * MB
            parts = {"blocks": 160.0, "mapped": 10.0, "arrow": 0.0, "heap": 160.0}
            parts[of] += self.leaked
            blocks, mapped, arrow, heap = (round(size * MB) for size in parts.values())
            blocks += round(jitter[0])
            kept = round(held * self.batch * MB)  # what an allocator keeps shows in RSS alone
            native = blocks + mapped + arrow
            counters = AllocatorCounters(blocks, mapped, blocks + kept, arrow)
            engine = MemoryReading(
                ProcessRole.ENGINE,
                pid,
                native + heap + kept,
                heap + round(jitter[1]),
                native,
                counters=counters,
            )
            window = MemoryReading(
                ProcessRole.WINDOW,
                10,
                120 * MB,
                round(40 * MB + jitter[2]),
                round(30 * MB + jitter[3]) + cache,
            )
            reading = ProgramReading(self.batch * 0.5, (window, engine))
            self.recorder.add(reading, {"window.native": cache} if declared else None)

    def verdict_of(self, band: str) -> tuple[str, str]:
        bands = self.recorder.verdicts()["bands"]
        assert isinstance(bands, dict)
        return bands[band]["verdict"], bands[band]["message"]

    @property
    def judged(self) -> MemoryJudged:
        return self.recorder.judged()


def test_growth_names_process_owner_beginning_and_consequence() -> None:
    run = Run(limit_mb=1200)
    run.go(160, engine_leak=0.05)
    judged = run.judged
    assert (judged.verdict, judged.role, judged.owner) == (
        "growing", ProcessRole.ENGINE, Band.NATIVE_IN_USE
    )  # fmt: skip
    assert judged.since_batch is not None
    assert judged.since_batch <= 10
    # The engine's 330 MB, 8 MB leaked, and the window's 120 are used of 1200.
    assert judged.batches_left == pytest.approx((1200 - 330 - 8 - 120) / 0.05, rel=0.02)
    assert judged.message == (
        "The engine process is growing: native heap in use rises by 5.0 MB per 100 batches "
        f"(5.0 to 5.0) since about batch {judged.since_batch}. At this rate the 1.2 GB limit is "
        "met in about 15000 batches (2.1 h)."
    )
    assert run.verdict_of("engine.heap")[0] == "steady"
    assert run.verdict_of("window.native")[0] == "steady"


@pytest.mark.parametrize(
    ("part", "owner", "words"),
    [
        ("blocks", Band.NATIVE_IN_USE, "native heap in use rises"),
        ("mapped", Band.LARGE_BLOCKS, "memory in large native blocks rises"),
        ("arrow", Band.ARROW_LANCE, "memory of Arrow and LanceDB rises"),
        ("heap", Band.PYTHON_OBJECTS, "memory of Python objects rises"),
    ],
)
def test_the_owner_is_the_part_that_grows(part: str, owner: Band, words: str) -> None:
    run = Run()
    run.go(120, engine_leak=0.05, of=part)
    assert run.judged.owner is owner
    assert words in run.judged.message
    assert run.judged.batches_left is None


def test_a_leak_that_begins_late_is_dated() -> None:
    run = Run()
    run.go(200)
    run.go(70, engine_leak=0.05)
    assert run.judged.verdict == "growing"
    assert run.judged.since_batch == pytest.approx(200, abs=20)
    assert "since about batch 20" in run.judged.message or "batch 19" in run.judged.message


def test_growth_that_has_met_the_limit_says_so() -> None:
    run = Run(limit_mb=300)
    run.go(120, engine_leak=0.05)
    assert run.judged.batches_left == 0
    assert run.judged.message.endswith("The 300 MB limit is met already.")


def test_once_found_growth_is_told_until_it_ends() -> None:
    run = Run()
    run.go(120, engine_leak=0.05)
    for _ in range(20):
        run.go(10, engine_leak=0.05)
        assert run.judged.verdict == "growing"
        assert run.judged.since_batch is not None
        assert run.judged.since_batch <= 10
    run.go(200)
    assert run.judged.verdict != "growing"


def test_the_json_of_a_verdict_has_the_promised_shape() -> None:
    run = Run()
    run.go(120)
    found = json.loads(json.dumps(run.recorder.verdicts()))
    assert list(found) == [
        "overall", "message", "process", "owner", "since_batch", "batches_left", "bands"
    ]  # fmt: skip
    assert found["overall"] == "steady"
    assert found["owner"] is None
    assert set(found["bands"]) == {"window.heap", "window.native", "engine.heap", "engine.native"}
    for band in found["bands"].values():
        assert set(band) == {"verdict", "slope_mb_per_100_batches", "low", "high", "message"}
    run.go(60, engine_leak=0.5)
    found = json.loads(json.dumps(run.recorder.verdicts()))
    assert (found["process"], found["owner"]) == ("engine", "native_in_use")


def test_steady_names_what_moves_most() -> None:
    run = Run()
    run.go(160, engine_leak=0.002)
    assert run.judged.verdict == "steady"
    assert run.judged.message == (
        "Memory in use is steady: what moves most is native heap in use of the engine process, "
        "by +0.2 MB per 100 batches."
    )
    assert run.judged.role is None


def test_what_the_allocator_keeps_is_steady_and_explained() -> None:
    run = Run()
    run.go(160, held=0.25)
    assert run.judged.verdict == "steady"
    assert run.judged.message.endswith(
        "RSS of the engine process rose by 40 MB, but memory in use did not: the allocator keeps "
        "it; Free memory returns it."
    )
    assert run.recorder.slopes()["engine.rss"] == pytest.approx(25, rel=0.01)
    assert run.recorder.slopes()["engine.native"] == pytest.approx(0, abs=0.2)


def test_without_batches_nothing_is_known() -> None:
    recorder = VerdictRecorder()
    assert recorder.judged() == MemoryJudged("unknown", "Not yet known: no batch has been read.")
    assert recorder.verdicts()["bands"] == {}
    assert recorder.slopes() == {}


def test_before_110_batches_nothing_is_said() -> None:
    run = Run()
    run.go(109, engine_leak=0.5)
    assert run.judged == MemoryJudged(
        "unknown", "Not yet known: that takes 110 batches, and there were 109."
    )
    run.go(1, engine_leak=0.5)
    assert run.judged.verdict == "growing"


def test_one_band_that_is_not_known_keeps_the_whole_unknown() -> None:
    run = Run()
    run.go(100)
    run.recorder.mark_event(ProcessRole.WINDOW)
    run.go(30)
    assert run.verdict_of("engine.native")[0] == "steady"
    assert run.verdict_of("window.native") == (
        "unknown",
        "Not yet known: that takes 110 batches, and there were 30.",
    )
    assert run.judged.verdict == "unknown"


def test_a_bounded_cache_that_is_declared_is_not_a_leak() -> None:
    honest, silent = Run(), Run()
    honest.go(200, window_cache=0.08, declared=True)
    silent.go(200, window_cache=0.08)
    assert honest.judged.verdict == "steady"
    assert silent.judged.verdict == "growing", "the test would not notice if declaring did nothing"


def test_an_event_that_moves_the_level_begins_a_new_segment() -> None:
    run = Run()
    run.go(115)
    run.recorder.mark_event()
    run.go(60, engine_leak=0.05)
    verdict, message = run.verdict_of("engine.native")
    assert verdict == "steady"
    assert message.endswith("up to the change at batch 115.")
    run.go(60, engine_leak=0.05)
    assert run.verdict_of("engine.native")[0] == "growing"
    assert run.judged.since_batch == pytest.approx(116, abs=5), "batches of the run, not of it"


def test_a_restarted_engine_begins_a_new_segment_of_its_own_bands() -> None:
    run = Run()
    run.go(60, engine_leak=0.05)
    run.go(60, pid=21)
    assert run.verdict_of("engine.native") == (
        "unknown",
        "Not yet known: that takes 110 batches, and there were 60.",
    )
    assert run.verdict_of("window.native")[0] == "steady"


def test_what_a_process_leaked_before_it_was_restarted_is_still_told() -> None:
    run = Run(limit_mb=1200)
    run.go(120, engine_leak=0.05)
    run.go(20, pid=21)
    verdict, message = run.verdict_of("engine.native")
    assert verdict == "growing"
    assert message.endswith("up to the change at batch 120.")
    assert "limit" not in message, "what has ended meets no limit"
    run.go(100, pid=21)
    assert run.verdict_of("engine.native")[0] == "steady"


def read_files(held_mb: list[float], batches_per_file: int) -> VerdictRecorder:
    """A run whose reader holds this much after each batch."""
    recorder = VerdictRecorder()
    for batch, size in enumerate(held_mb):
        reader = MemoryReading(ProcessRole.READER, 30, 90 * MB, 8 * MB, round(size * MB))
        path = f"/docs/{batch // batches_per_file}.pdf"
        recorder.add(ProgramReading(float(batch), (reader,)), path=path)
    return recorder


def test_what_the_reader_needs_for_one_long_file_is_no_leak() -> None:
    growing = [11 + 0.05 * (batch % 150) for batch in range(290)]
    assert read_files(growing, batches_per_file=150).judged().verdict == "steady"
    assert read_files(growing[:140], batches_per_file=1).judged().verdict == "growing"


def test_what_the_reader_keeps_of_each_file_is_a_leak() -> None:
    judged = read_files([11 + 0.05 * batch for batch in range(200)], batches_per_file=4).judged()
    assert (judged.verdict, judged.role) == ("growing", ProcessRole.READER)


def test_a_process_that_cannot_tell_has_no_band() -> None:
    recorder = VerdictRecorder()
    reading = MemoryReading(ProcessRole.WINDOW, 10, 100 * MB)
    recorder.add(ProgramReading(0.0, (reading,)))
    assert recorder.verdicts()["bands"] == {}
    assert recorder.slopes() == {"window.rss": None}


def test_a_long_run_is_judged_in_bounded_memory() -> None:
    run = Run()
    run.go(3000, engine_leak=0.02)
    counts = [
        len(band.samples._fine) + len(band.samples._coarse) for band in run.recorder._bands.values()
    ]
    assert max(counts) < 2200
    assert run.recorder.slopes()["engine.native"] == pytest.approx(2.0, rel=0.02)
    assert run.verdict_of("engine.native")[0] == "growing"
    assert run.verdict_of("engine.heap")[0] == "steady"
