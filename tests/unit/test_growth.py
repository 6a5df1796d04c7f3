"""Growth over made-up series: a leak is found in time, and nothing that stops growing is one."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from vext_desktop.memory.band_samples import BandSamples
from vext_desktop.memory.growth import Growth, find_growth, find_steadiness
from vext_desktop.memory.theil_sen import block_medians, theil_sen

MB = 1_000_000
BATCHES = 400
Floats = NDArray[np.float64]
Shape = Callable[[int], Floats]

T = np.arange(BATCHES, dtype=np.float64)


def noise(seed: int, size_mb: float = 0.2, batches: int = BATCHES) -> Floats:
    """Noise that hangs together, as readings of one process do: each is 0.6 of the last."""
    fresh = np.random.default_rng(seed).normal(0, size_mb, batches)
    found = np.zeros(batches)
    for place in range(1, batches):
        found[place] = 0.6 * found[place - 1] + fresh[place]
    return found


def in_portions(mb_per_batch: float, seed: int, share: float = 0.2) -> Floats:
    """A leak that shows in irregular portions, in one batch of five."""
    random = np.random.default_rng(seed)
    found, waiting = np.zeros(BATCHES), 0.0
    for place in range(BATCHES):
        waiting += mb_per_batch
        if random.random() < share:
            found[place:] += waiting
            waiting = 0.0
    return found


def every(batches: int, mb_per_batch: float) -> Floats:
    """A leak for each file, when a file has so many batches."""
    return np.floor(T / batches) * mb_per_batch * batches


def step(at: int, mb: float = 5.0) -> Floats:
    return np.where(at <= T, mb, 0.0)


def asked_anew(series_mb: Floats, every_batches: int = 10) -> Iterator[tuple[int, Growth | None]]:
    """What is found at every tenth batch, each time knowing what was found the last time."""
    samples, known = BandSamples(), None
    for batch, value in enumerate(series_mb, start=1):
        samples.add(value * MB)
        if batch % every_batches == 0:
            known = find_growth(samples, known)
            yield batch, known


def called(series_mb: Floats) -> list[tuple[int, Growth]]:
    return [(batch, growth) for batch, growth in asked_anew(series_mb) if growth is not None]


HEALTHY: dict[str, Shape] = {
    "level": lambda seed: 0 * T,
    "warm-up of 60 MB": lambda seed: 60 * (1 - np.exp(-T / 8)),
    "slow warm-up of 60 MB": lambda seed: 60 * (1 - np.exp(-T / 13)),
    "one step": lambda seed: step(60 + 45 * seed),
    "two steps": lambda seed: step(55 + 15 * seed) + step(100 + 40 * seed),
    "three steps": lambda seed: sum((step(at + 9 * seed, 3) for at in (60, 78, 96)), 0 * T),
    "a cache that fills ever slower": lambda seed: 16 * (1 - np.exp(-T / (20 + seed))),
    "a step down": lambda seed: -step(60 + 45 * seed),
    "saw teeth": lambda seed: 4 * ((T + 5 * seed) % 25) / 25,
    "long saw teeth": lambda seed: 4 * ((T + 5 * seed) % 64) / 64,
    "spikes": lambda seed: 20 * (np.random.default_rng(seed).random(BATCHES) < 0.05),
    "working set that varies": lambda seed: np.random.default_rng(seed).lognormal(0, 1, BATCHES),
    "a big file": lambda seed: step(120 + 10 * seed, 30) - step(200 + 12 * seed, 30),
    "slow rise below the line": lambda seed: 0.004 * T,
    "a fall": lambda seed: -0.05 * T,
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", HEALTHY)
def test_what_stops_growing_is_never_called_growing(name: str, seed: int) -> None:
    assert called(175 + HEALTHY[name](seed) + noise(100 + seed, 0.1)) == []


@pytest.mark.parametrize("size_mb", [1, 3, 10])
@pytest.mark.parametrize("seed", range(3))
def test_a_warm_up_that_is_a_logarithm_is_never_called_growing(size_mb: int, seed: int) -> None:
    # With as little noise as engines have; in that of 0.1 MB it is a line for some time.
    assert called(175 + size_mb * np.log1p(T) + noise(seed, 0.005)) == []


@pytest.mark.parametrize("rho", [0.6, 0.95])
def test_thousands_of_batches_of_mere_noise_are_never_called_growing(rho: float) -> None:
    random = np.random.default_rng(round(rho * 100))
    value, series = 0.0, np.zeros(3000)
    for place in range(len(series)):
        value = rho * value + random.normal(0, 0.3)
        series[place] = value
    assert called(175 + series) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise_mb", [0.005, 0.1])
@pytest.mark.parametrize("mb_per_batch", [0.02, 0.05, 0.5])
def test_a_leak_of_20_kb_per_batch_is_found_60_batches_after_the_warm_up(
    mb_per_batch: float, noise_mb: float, seed: int
) -> None:
    first, growth = called(175 + mb_per_batch * T + noise(seed, noise_mb))[0]
    assert first == 110
    assert growth.slope.value == pytest.approx(100 * mb_per_batch, rel=0.25)
    assert growth.slope.low <= 100 * mb_per_batch * 1.02
    assert growth.slope.high >= 100 * mb_per_batch * 0.98
    assert growth.since <= 20


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("leak", "latest"),
    [
        (lambda seed: in_portions(0.02, seed), 140),
        (lambda seed: in_portions(0.5, seed), 140),
        (lambda seed: every(5, 0.02), 120),
        (lambda seed: every(20, 0.02), 160),
        (lambda seed: every(20, 0.5), 170),
    ],
    ids=["portions", "large portions", "each 5 batches", "each file", "much for each file"],
)
def test_a_leak_in_portions_behind_a_warm_up_is_found_soon_and_not_lost_again(
    leak: Shape, latest: int, seed: int
) -> None:
    found = called(175 + 60 * (1 - np.exp(-T / 8)) + leak(seed) + noise(seed, 0.05))
    assert found[0][0] <= latest
    assert len(found) == 1 + (BATCHES - found[0][0]) // 10


@pytest.mark.parametrize("seed", range(3))
def test_a_block_that_is_freed_in_the_midst_of_a_leak_does_not_hide_it(seed: int) -> None:
    leak = 0.0164 * T + 0.1 * (1 - np.exp(-T / 8)) - step(84, 0.09)
    first, _ = called(66 + leak + noise(seed, 0.002))[0]
    assert first == 110


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mb_per_batch", [0.02, 0.5])
@pytest.mark.parametrize("begins", [140, 200, 300])
def test_a_leak_that_begins_late_is_found_within_80_batches_with_its_beginning(
    begins: int, mb_per_batch: float, seed: int
) -> None:
    series = 175 + mb_per_batch * np.maximum(0, T - begins) + noise(seed, 0.05)
    first, growth = called(series)[0]
    assert begins < first <= begins + 80
    assert growth.since == pytest.approx(begins, abs=20)
    assert growth.slope.value == pytest.approx(100 * mb_per_batch, rel=0.25)


def test_a_leak_that_begins_after_thousands_of_batches_is_found_as_soon() -> None:
    series = 175 + noise(3, 0.05, 3300)
    series[3000:] += 0.02 * np.arange(300)
    first, growth = called(series)[0]
    assert 3000 < first <= 3080
    assert growth.since == pytest.approx(3000, abs=20)


def test_a_leak_that_has_stopped_is_called_so_no_longer_than_150_batches() -> None:
    found = called(175 + np.minimum(0.05 * T, 10) + noise(2, 0.05))
    assert found[0][0] == 110
    assert 200 <= found[-1][0] <= 350


@pytest.mark.parametrize(
    "name",
    ["level", "warm-up of 60 MB", "one step", "two steps", "saw teeth", "spikes", "a fall"],
)
def test_what_stays_where_it_is_is_known_to(name: str) -> None:
    samples = BandSamples()
    for value in 175 + HEALTHY[name](1) + noise(7, 0.05):
        samples.add(value * MB)
    slope = find_steadiness(samples)
    assert slope is not None
    assert slope.low <= slope.value <= slope.high < 1


def test_what_grows_is_not_steady_however_it_is_looked_at() -> None:
    for leak in (0.02 * T, in_portions(0.02, 1), every(20, 0.02), 0.02 * np.maximum(0, T - 200)):
        samples = BandSamples()
        for value in 175 + leak + noise(2, 0.05):
            samples.add(value * MB)
        assert find_steadiness(samples) is None


def test_before_110_batches_nothing_is_found() -> None:
    assert [batch for batch, _ in called(175 + 0.5 * T[:109])] == []


def test_a_long_run_stays_small_and_keeps_its_slope() -> None:
    samples = BandSamples()
    for batch in range(100_000):
        samples.add(175 * MB + 0.02 * MB * batch)
    arrays = (samples._fine, samples._coarse, samples._pending)
    assert sum(values.itemsize * len(values) for values in arrays) < 20_000
    growth = find_growth(samples)
    assert growth is not None
    assert growth.slope.value == pytest.approx(2.0, rel=0.01)


def test_any_stretch_of_a_long_run_can_be_looked_at() -> None:
    samples = BandSamples()
    for batch in range(5000):
        samples.add(batch * MB)
    for start, end in ((4900, 5000), (4600, 4700), (1000, 3000), (0, 5000)):
        positions, values = samples.since(start, end)
        assert len(values) <= 150
        # A block's value is its middle, but for the batches that share a sample with another.
        assert values == pytest.approx(positions, abs=1)
        assert positions[0] == pytest.approx(start, abs=(end - start) / 50 + 4)
        assert positions[-1] == pytest.approx(end, abs=(end - start) / 50 + 4)


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
