"""The batch loop: its events and what it does about memory."""

import pytest
from fakes import MB, FakeMonitor, FakeReclaimer, FlakyHost, chunks

from vext_desktop.errors import VextError
from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    CleanupFinished,
    IndexEvent,
    MemoryJudged,
    Progress,
)
from vext_desktop.index.batch_loop import BatchLoop
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.work import EmbeddedChunks
from vext_desktop.memory.budget import Budget
from vext_desktop.memory.pacing import PacingRules
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.memory.warnings import WarningWatch

BUDGET = Budget(limit_bytes=1200 * MB, soft_bytes=900 * MB, owner="your limit of 1.2 GB")


class Bench:
    """A batch loop over scripted memory."""

    def __init__(self, *rss_mb: float, held_mb: float | None = None) -> None:
        monitor = FakeMonitor(*rss_mb)
        self.reclaimer = FakeReclaimer(monitor, held_mb)
        self.host = FlakyHost()
        self.loop = BatchLoop(
            RetryingEmbedder(self.host, self.reclaimer, DeathWitness(monitor), tries=3),
            monitor,
            self.reclaimer,
            lambda used_bytes: BUDGET,
            lambda: PacingRules(0.3, 0.8, batch_size=8),
            WarningWatch(1200 * MB, 50 * MB, 100 * MB),
            VerdictRecorder(),
        )
        self.released: list[EmbeddedChunks] = []

    def batch(self, *texts: str) -> list[IndexEvent]:
        return list(self.loop.process(chunks(*texts), self.released.append, progress))


def progress() -> Progress:
    return Progress(0, 1, 0, 1, 0, 0.0)


def only_batch(events: list[IndexEvent]) -> BatchFinished:
    (batch,) = [event for event in events if isinstance(event, BatchFinished)]
    return batch


def test_a_calm_batch_is_released_and_reported_without_a_pause() -> None:
    bench = Bench(400)
    batch = only_batch(bench.batch("one", "two"))
    assert (batch.number, batch.size, batch.pause_s) == (1, 2, 0.0)
    assert batch.files == ("/notes.txt",)
    assert batch.reading.rss_bytes == 400 * MB
    assert len(bench.released[0].chunks) == 2
    assert bench.reclaimer.calls == []


def test_the_engine_begins_with_the_next_batch_before_the_rows_of_this_one_are_released() -> None:
    bench, begun_at_release = Bench(400), []
    following = chunks("three")
    steps = bench.loop.process(
        chunks("one"), lambda _: begun_at_release.append(bench.host.begun), progress, following
    )
    list(steps)
    assert begun_at_release == [1]


def test_under_pressure_the_engine_waits_for_the_decision() -> None:
    bench = Bench(1000)
    list(bench.loop.process(chunks("one"), bench.released.append, progress))
    list(bench.loop.process(chunks("two"), bench.released.append, progress, chunks("three")))
    assert bench.host.begun == 0


def test_pressure_delays_the_next_batch_and_trims_what_is_held() -> None:
    bench = Bench(1000, held_mb=150)
    events = bench.batch("one")
    assert 0.3 <= only_batch(events).pause_s <= 0.8
    assert bench.reclaimer.calls == ["free pressure"]
    assert any(isinstance(event, CleanupFinished) for event in events)


def test_one_reading_over_the_budget_does_nothing_but_wait() -> None:
    bench = Bench(1300)
    assert only_batch(bench.batch("one")).pause_s == 0.8
    assert bench.reclaimer.calls == []


def test_a_cleanup_that_was_enough_is_followed_by_no_reload() -> None:
    bench = Bench(1300, 1300, 1300, 1300, 700)
    bench.batch("one")
    bench.batch("two")
    assert bench.reclaimer.calls == ["free budget"]


def test_a_cleanup_that_was_not_enough_is_followed_by_a_reload_and_smaller_batches() -> None:
    bench = Bench(1300)
    bench.batch("one")
    events = bench.batch("two")
    assert bench.reclaimer.calls == ["free budget", "reload budget"]
    assert [event.size for event in events if isinstance(event, BatchSizeChanged)] == [4]
    assert bench.loop.batch_size == 4


def test_memory_that_stays_over_the_budget_halts_with_the_owner_named() -> None:
    bench = Bench(1300)
    for number in range(4):
        bench.batch(f"text {number}")
    with pytest.raises(VextError, match=r"your limit of 1\.2 GB.*engine process holds 1300 MB"):
        bench.batch("one too many")
    assert bench.loop.batch_size == 1


def test_nothing_of_a_batch_is_kept_by_the_loop() -> None:
    import gc
    import weakref

    bench = Bench(400)
    vectors: list[weakref.ref] = []  # type: ignore[type-arg]

    def release(embedded: EmbeddedChunks) -> None:
        vectors.append(weakref.ref(embedded.vectors))

    list(bench.loop.process(chunks("one"), release, lambda: Progress(0, 1, 0, 1, 0, 0.0)))
    gc.collect()
    assert vectors[0]() is None


def test_every_tenth_batch_says_what_the_verdict_is_by_now() -> None:
    bench = Bench(400)
    judged = [
        (number, event)
        for number in range(1, 31)
        for event in bench.batch("one")
        if isinstance(event, MemoryJudged)
    ]
    assert [number for number, _ in judged] == [10, 20, 30]
    assert {event.verdict for _, event in judged} == {"unknown"}
    assert "there were 30" in judged[-1][1].message
