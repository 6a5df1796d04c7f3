"""A probe that reads exactly now and then: not too often, and not when that is dear."""

from memory_fakes import MB

from vext_desktop.memory.sparing_probe import SparingProbe
from vext_desktop.readings import MemoryReading, ProcessRole


class CostlyProbe:
    """Notes when it was asked exactly, and what that cost."""

    role = ProcessRole.ENGINE

    def __init__(self) -> None:
        self.now_s = 50.0
        self.spent_s = 0.0
        self.cost_s = 0.0
        self.exact_at: list[float] = []

    def read(self) -> MemoryReading:
        return MemoryReading(self.role, 1, 100 * MB)

    def read_exactly(self) -> MemoryReading:
        self.exact_at.append(self.now_s)
        self.spent_s += self.cost_s
        return MemoryReading(self.role, 1, 100 * MB, held_bytes=7 * MB)


def sampled(probe: CostlyProbe, seconds: float) -> list[int | None]:
    sparing = SparingProbe(probe, lambda: probe.now_s, lambda: probe.spent_s)
    held = []
    for _ in range(round(seconds * 4)):
        held.append(sparing.read().held_bytes)
        probe.now_s += 0.25
    return held


def test_the_first_reading_and_one_every_five_seconds_tell_what_is_held() -> None:
    probe = CostlyProbe()
    held = sampled(probe, 11)
    assert probe.exact_at == [50.0, 55.0, 60.0]
    assert held[0] == 7 * MB
    assert held[1] is None


def test_a_costly_reading_is_made_so_seldom_that_it_takes_a_tenth_of_a_percent() -> None:
    probe = CostlyProbe()
    probe.cost_s = 0.1
    sampled(probe, 160)
    assert probe.exact_at == [50.0, 150.0]


def test_an_exact_reading_that_somebody_asked_for_counts_too() -> None:
    probe = CostlyProbe()
    sparing = SparingProbe(probe, lambda: probe.now_s, lambda: probe.spent_s)
    assert sparing.read_exactly().held_bytes == 7 * MB
    probe.now_s += 4.9
    assert sparing.read().held_bytes is None
