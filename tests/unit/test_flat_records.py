"""What a run remembers of itself is taken at its start: 2000 batches must not look like growth."""

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from vext_desktop.memory.band_samples import BandSamples

MB = 1_000_000


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Bytes that Python and numpy have taken and not given back since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()


def test_the_samples_of_a_band_take_all_their_room_at_once(traced: Callable[[], int]) -> None:
    samples = BandSamples()
    for batch in range(50):
        samples.add(175 * MB + batch)
    before_bytes = traced()
    for batch in range(50, 5000):
        samples.add(175 * MB + batch)
    assert traced() - before_bytes < 500
