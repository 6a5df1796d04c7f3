"""The verdict: a leak is found in time, and nothing that stops growing is called one."""

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from vext_desktop.memory.theil_sen import block_medians, theil_sen
from vext_desktop.memory.verdict import Trend, VerdictRecorder, judge
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

MB = 1_000_000
BATCHES = 400
Floats = NDArray[np.float64]

T = np.arange(BATCHES, dtype=np.float64)


def noise(seed: int, size_mb: float = 0.2) -> Floats:
    """Noise that hangs together, as readings of one process do: each is 0.6 of the last."""
    fresh = np.random.default_rng(seed).normal(0, size_mb, BATCHES)
    found = np.zeros(BATCHES)
    for place in range(1, BATCHES):
        found[place] = 0.6 * found[place - 1] + fresh[place]
    return found


def in_portions(mb_per_batch: float, seed: int) -> Floats:
    """A leak that shows in irregular portions, in one batch of five."""
    random = np.random.default_rng(seed)
    found, waiting = np.zeros(BATCHES), 0.0
    for place in range(BATCHES):
        waiting += mb_per_batch
        if random.random() < 0.2:
            found[place:] += waiting
            waiting = 0.0
    return found


def step(at: int, mb: float = 5.0) -> Floats:
    return np.where(at <= T, mb, 0.0)


def judge_mb(series_mb: Floats) -> Trend:
    return judge(list(series_mb * MB), "engine.native")


def asked_anew(series_mb: Floats) -> Iterator[Trend]:
    for length in range(110, BATCHES + 1, 10):
        yield judge_mb(series_mb[:length])


HEALTHY: dict[str, Callable[[int], Floats]] = {
    "level": lambda seed: 0 * T,
    "warm-up of 60 MB": lambda seed: 60 * (1 - np.exp(-T / 8)),
    "slow warm-up of 60 MB": lambda seed: 60 * (1 - np.exp(-T / 13)),
    "one step": lambda seed: step(60 + 45 * seed),
    "two steps": lambda seed: step(55 + 15 * seed) + step(100 + 40 * seed),
    "three steps": lambda seed: sum((step(at + 9 * seed, 3) for at in (60, 78, 96)), 0 * T),
    "a cache that fills ever slower": lambda seed: 16 * (1 - np.exp(-T / (20 + seed))),
    "a step down": lambda seed: -step(60 + 45 * seed),
    "saw teeth": lambda seed: 4 * ((T + 5 * seed) % 25) / 25,
    "spikes": lambda seed: 20 * (np.random.default_rng(seed).random(BATCHES) < 0.05),
    "working set that varies": lambda seed: np.random.default_rng(seed).lognormal(0, 1, BATCHES),
    "slow rise below the line": lambda seed: 0.004 * T,
    "a fall": lambda seed: -0.05 * T,
}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", HEALTHY)
def test_what_stops_growing_is_never_called_growing(name: str, seed: int) -> None:
    series = 175 + HEALTHY[name](seed) + noise(100 + seed, 0.1)
    assert [t.samples for t in asked_anew(series) if t.verdict == "growing"] == []


@pytest.mark.parametrize("name", ["level", "warm-up of 60 MB", "saw teeth", "spikes", "a fall"])
def test_a_long_plateau_is_called_steady(name: str) -> None:
    assert judge_mb(175 + HEALTHY[name](1) + noise(7)).verdict == "steady"


def test_a_flat_line_without_any_noise_is_steady() -> None:
    trend = judge_mb(175 + 0 * T)
    assert trend.verdict == "steady"
    assert (trend.slope_mb_per_100_batches, trend.low, trend.high) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("mb_per_batch", [0.02, 0.05, 0.5])
def test_a_leak_of_20_kb_per_batch_is_found_60_batches_after_the_warm_up(
    mb_per_batch: float, seed: int
) -> None:
    trend = judge_mb((175 + mb_per_batch * T + noise(seed, 0.02))[:110])
    assert trend.verdict == "growing"
    assert trend.slope_mb_per_100_batches == pytest.approx(100 * mb_per_batch, rel=0.1)
    assert trend.low is not None
    assert trend.high is not None
    assert trend.low < 100 * mb_per_batch < trend.high


@pytest.mark.parametrize("seed", range(6))
def test_a_leak_in_irregular_portions_behind_a_warm_up_is_found_soon(seed: int) -> None:
    series = 175 + 60 * (1 - np.exp(-T / 8)) + in_portions(0.02, seed) + noise(seed, 0.05)
    found = [trend.samples for trend in asked_anew(series) if trend.verdict == "growing"]
    assert found[0] <= 140
    assert len(found) >= len(range(140, BATCHES + 1, 10)), "once found, it is not lost again"


def test_before_110_batches_nothing_is_said() -> None:
    trend = judge_mb((175 + 0.5 * T)[:109])
    assert trend.verdict == "unknown"
    assert trend.slope_mb_per_100_batches is None
    assert trend.message == "Not yet known: that takes 110 batches, and there were 109."


def test_a_growing_band_says_how_fast_and_when_the_limit_is_met() -> None:
    series = list((175 + 0.033 * T) * MB)
    trend = judge(series, "engine.native", room_bytes=300 * MB, seconds_per_batch=0.5)
    assert trend.message == (
        "Native memory in use of the engine process grows by 3.3 MB per 100 batches (3.3 to 3.3). "
        "At this rate the limit is met in about 9091 batches (76 min)."
    )
    over = judge(series, "engine.native", room_bytes=-1)
    assert over.message.endswith("The limit is met already.")


def test_the_slope_is_the_median_of_all_pairs_with_sen_s_interval() -> None:
    # Checked once against scipy.stats.theilslopes on the same numbers.
    values = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0, 9.0, 8.0, 30.0])
    found = theil_sen(np.arange(10.0), values)
    assert found.value == pytest.approx(1.0)
    assert found.low == pytest.approx(0.75)
    assert found.high == pytest.approx(3.0)


def test_noise_that_hangs_together_widens_the_interval() -> None:
    positions = np.arange(120.0)
    together = noise(3)[:120]
    shuffled = np.random.default_rng(3).permutation(together)
    width = {}
    for name, values in (("together", together), ("shuffled", shuffled)):
        found = theil_sen(positions, values)
        width[name] = found.high - found.low
    assert width["together"] > 1.4 * width["shuffled"]


def test_long_series_are_judged_by_block_medians() -> None:
    positions, medians = block_medians(np.arange(1003, dtype=np.float64))
    assert len(medians) == 143
    assert medians[0] == 5.0, "what is left over is the oldest"
    assert medians[-1] == 999.0
    assert positions[1] - positions[0] == 7


class Run:
    """Feeds a recorder with an engine and a window, batch by batch."""

    def __init__(self, limit_mb: int | None = None) -> None:
        self.recorder = VerdictRecorder(None if limit_mb is None else limit_mb * MB)
        self.batch = 0
        self.random = np.random.default_rng(5)

    def go(
        self,
        batches: int,
        *,
        engine_leak: float = 0.0,
        window_cache: float = 0.0,
        declared: bool = False,
        pid: int = 20,
    ) -> None:
        for place in range(batches):
            self.batch += 1
            cache = round(window_cache * place * MB)
            jitter = self.random.normal(0, 0.02, 4) * MB
            native = round((170 + engine_leak * self.batch) * MB + jitter[0])
            held = round(2 * self.batch * MB)  # what an allocator keeps shows in RSS alone
            engine = MemoryReading(
                ProcessRole.ENGINE, pid, native + held, round(160 * MB + jitter[1]), native
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
    def overall(self) -> object:
        return self.recorder.verdicts()["overall"]


def test_the_verdict_names_the_band_that_grows_and_leaves_the_others_in_peace() -> None:
    run = Run(limit_mb=1200)
    run.go(160, engine_leak=0.05)
    found = run.recorder.verdicts()
    assert found["overall"] == "growing"
    assert "Native memory in use of the engine process grows by 5.0 MB" in str(found["message"])
    assert "limit is met in about" in str(found["message"])
    assert run.verdict_of("engine.heap")[0] == "steady"
    assert run.verdict_of("window.native")[0] == "steady"


def test_the_json_of_a_verdict_has_the_promised_shape() -> None:
    run = Run()
    run.go(120)
    found = json.loads(json.dumps(run.recorder.verdicts()))
    assert set(found) == {"overall", "message", "bands"}
    assert found["overall"] == "steady"
    assert set(found["bands"]) == {"window.heap", "window.native", "engine.heap", "engine.native"}
    for band in found["bands"].values():
        assert set(band) == {"verdict", "slope_mb_per_100_batches", "low", "high", "message"}


def test_rss_has_a_slope_but_no_verdict() -> None:
    run = Run()
    run.go(120)
    slopes = run.recorder.slopes()
    assert slopes["engine.rss"] == pytest.approx(200, rel=0.01)
    assert slopes["engine.native"] == pytest.approx(0, abs=0.2)
    assert run.overall == "steady"


def test_without_batches_nothing_is_known() -> None:
    recorder = VerdictRecorder()
    assert recorder.verdicts() == {
        "overall": "unknown",
        "message": "Not yet known: no batch has been read.",
        "bands": {},
    }
    assert recorder.slopes() == {}


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
    assert run.overall == "unknown"


def test_a_bounded_cache_that_is_declared_is_not_a_leak() -> None:
    honest, silent = Run(), Run()
    honest.go(200, window_cache=0.08, declared=True)
    silent.go(200, window_cache=0.08)
    assert honest.overall == "steady"
    assert silent.overall == "growing", "the test would not notice if declaring did nothing"


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


def test_a_restarted_engine_begins_a_new_segment_of_its_own_bands() -> None:
    run = Run()
    run.go(60, engine_leak=0.05)
    run.go(60, pid=21)
    assert run.verdict_of("engine.native") == (
        "unknown",
        "Not yet known: that takes 110 batches, and there were 60.",
    )
    assert run.verdict_of("window.native")[0] == "steady"


def test_a_process_that_cannot_tell_has_no_band() -> None:
    recorder = VerdictRecorder()
    reading = MemoryReading(ProcessRole.WINDOW, 10, 100 * MB)
    recorder.add(ProgramReading(0.0, (reading,)))
    assert recorder.verdicts()["bands"] == {}
    assert recorder.slopes() == {"window.rss": None}


def test_a_long_run_stays_small_and_keeps_its_slope() -> None:
    run = Run()
    run.go(5000, engine_leak=0.02)
    sizes = [len(band.samples) for band in run.recorder._bands.values()]
    assert max(sizes) <= 1200
    assert run.recorder.slopes()["engine.native"] == pytest.approx(2.0, rel=0.02)
    assert run.verdict_of("engine.native")[0] == "growing"
    assert run.verdict_of("engine.heap")[0] == "steady"
