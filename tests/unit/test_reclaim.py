"""Giving memory back: what is promised, what the receipt holds, and what is ended."""

import logging
from collections.abc import Iterable

import pytest
from fake_readings import picture
from fakes import FlakyHost
from memory_fakes import FakeProbe

from vext_desktop.events import ChildStarting, CleanupFinished
from vext_desktop.index.reclaim import Reclaimer
from vext_desktop.readings import (
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

MB = 1_000_000


class Stage:
    """A window, an engine and a reader whose sizes the test writes down."""

    def __init__(self) -> None:
        self.engine_mb: int | None = 580
        self.reader_mb: int | None = 90
        self.engine_pid = 7
        self.said: list[str] = []
        self.pictures = 0
        self.learnt: set[ProcessRole] = set()
        self.reader_says: object = None
        self.host = StagedHost(self)
        probe = FakeProbe()
        self.reclaimer = Reclaimer(
            probe,
            StagedMonitor(self),  # type: ignore[arg-type]
            self.host,
            StagedReader(self),  # type: ignore[arg-type]
            lambda: self.said.append("collect"),
        )

    def reload(self, trigger: str = "you") -> tuple[int, CleanupReceipt]:
        """How many steps waited, and the receipt."""
        *waits, last = self.reclaimer.reload_model(trigger)
        assert all(isinstance(wait, ChildStarting) for wait in waits)
        assert isinstance(last, CleanupFinished)
        return len(waits), last.receipt

    def told(self, role: ProcessRole, rss_mb: int | None, pid: int) -> dict[str, object] | None:
        if rss_mb is None:
            return None
        sizes = {"heap_bytes": 1 * MB, "native_bytes": 2 * MB, "held_bytes": 30 * MB}
        return {"role": str(role), "pid": pid, "rss_bytes": rss_mb * MB, **sizes}


class StagedHost(FlakyHost):
    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.fresh_rss_bytes = 460 * MB
        self._stage = stage
        self._waits = 2

    def free_memory(self) -> None:
        self._stage.said.append("free engine")

    def read_memory(self) -> dict[str, object] | None:
        return self._stage.told(ProcessRole.ENGINE, self._stage.engine_mb, self._stage.engine_pid)

    def restart(self) -> None:
        self._stage.said.append("restart")
        self._stage.engine_mb, self._stage.engine_pid = 462, 8

    def is_ready(self, wait_s: float) -> bool:
        self._waits -= 1
        return self._waits < 0

    def close(self) -> None:
        self._stage.said.append("end engine")
        self._stage.engine_mb = None


class StagedReader:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def free_memory(self) -> None:
        self._stage.said.append("free reader")

    def read_memory(self) -> dict[str, object] | None:
        if self._stage.reader_says is not None:
            return self._stage.reader_says  # type: ignore[return-value]
        return self._stage.told(ProcessRole.READER, self._stage.reader_mb, 9)

    def close(self) -> None:
        self._stage.said.append("end reader")
        self._stage.reader_mb = None


class StagedMonitor:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def learn(self, exact: Iterable[MemoryReading]) -> None:
        self._stage.learnt = {reading.role for reading in exact}

    def read(self) -> ProgramReading:
        return ProgramReading(1.0, (MemoryReading(ProcessRole.WINDOW, 1, 100 * MB),))

    def picture(self, max_age_s: float = 0.0) -> ProgramBands | None:
        self._stage.pictures += 1
        return picture(1.0)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("said", ["nonsense", {"role": "reader", "pid": 9, "rss_bytes": -1}])
def test_a_reader_in_a_document_s_hands_cannot_end_the_run(
    stage: Stage, said: object, expected_warnings: list[logging.LogRecord]
) -> None:
    stage.reader_says = said
    assert stage.reclaimer.measure().of(ProcessRole.READER) is None
    assert len(expected_warnings) == 1


def test_a_reader_in_a_document_s_hands_speaks_for_itself_only(stage: Stage) -> None:
    stage.reader_says = {"role": "window", "pid": 9, "rss_bytes": 5 * MB}
    measured = stage.reclaimer.measure()
    window, reader = measured.of(ProcessRole.WINDOW), measured.of(ProcessRole.READER)
    assert window is not None
    assert window.pid != 9
    assert reader is not None
    assert reader.rss_bytes == 5 * MB


def test_free_memory_promises_what_all_allocators_hold_and_goes_to_every_process(
    stage: Stage,
) -> None:
    receipt = stage.reclaimer.free_memory("you")
    assert stage.said == ["free engine", "free reader", "collect"]
    assert stage.learnt == set(ProcessRole), "the monitor must not go on promising what is gone"
    assert receipt.promised_bytes == receipt.before.held_bytes
    assert receipt.before.held_bytes is not None
    assert receipt.before.held_bytes >= 60 * MB


@pytest.mark.parametrize(
    ("trigger", "pictures"), [("you", 2), ("budget", 2), ("pressure", 0), ("retry", 0)]
)
def test_the_owners_are_looked_at_only_where_nobody_waits(
    stage: Stage, trigger: str, pictures: int
) -> None:
    receipt = stage.reclaimer.free_memory(trigger)
    assert stage.pictures == pictures
    assert (receipt.bands_before is not None) == bool(pictures)
    assert (receipt.bands_after is not None) == bool(pictures)


def test_a_reload_promises_what_ends_less_what_a_fresh_engine_took_last_time(stage: Stage) -> None:
    waits, receipt = stage.reload()
    assert waits == 2
    window, reader = (receipt.before.of(role) for role in (ProcessRole.WINDOW, ProcessRole.READER))
    assert window is not None
    assert reader is not None
    others = (window.held_bytes or 0) + (reader.held_bytes or 0)
    assert receipt.promised_bytes == (580 - 460) * MB + others
    assert "all 580 MB of the old engine went back, the new one took 462 MB" in receipt.sentence


def test_a_reload_of_an_engine_that_never_was_ready_promises_nothing_in_particular(
    stage: Stage,
) -> None:
    stage.host.fresh_rss_bytes = None
    assert stage.reload()[1].promised_bytes is None


def test_an_unload_ends_both_children_and_promises_all_of_them(stage: Stage) -> None:
    receipt = stage.reclaimer.unload_model("idle", 300.0)
    assert stage.said == ["end engine", "end reader", "collect"]
    assert receipt.action is CleanupAction.UNLOAD_MODEL
    assert receipt.after.of(ProcessRole.ENGINE) is None
    assert receipt.after.of(ProcessRole.READER) is None
    assert receipt.returned_bytes >= (580 + 90) * MB
    window = receipt.before.of(ProcessRole.WINDOW)
    assert window is not None
    assert receipt.promised_bytes == (580 + 90) * MB + (window.held_bytes or 0)
    assert receipt.sentence.startswith("Model unloaded after 5 min without use: ")


def test_an_unload_with_no_engine_process_promises_nothing_in_particular(stage: Stage) -> None:
    stage.engine_mb = None
    assert stage.reclaimer.unload_model("run_end").promised_bytes is None
