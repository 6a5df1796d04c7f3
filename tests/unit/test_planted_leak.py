"""The leak that tests plant in the engine: it leaks what it says, where it says."""

import pytest
from memory_fakes import run_fresh

from vext_desktop.embedding.planted_leak import leaking
from vext_desktop.settings.sources import load_settings
from vext_desktop.supervision.channel import Header

LEAKS = """
from vext_desktop.embedding.planted_leak import leaking

embed = leaking(lambda header, payload: ({"answer": 1}, b""), WORDS)
embed({}, b"")
before = probe.read_exactly()
for _ in range(100):
    embed({}, b"")
after = probe.read_exactly()
found = {
    "native": after.native_bytes - before.native_bytes,
    "heap": after.heap_bytes - before.heap_bytes,
}
"""


@pytest.mark.parametrize(
    ("words", "native", "heap"),
    [
        ("native:200000", 20_000_000, 0),
        ("python:50000", 1_700_000, 3_300_000),  # pointers of long lists lie in native blocks
        ("native:200000@52", 10_000_000, 0),
        ("native:200000@500", 0, 0),
    ],
)
def test_as_much_is_kept_at_each_batch_as_the_words_say(words: str, native: int, heap: int) -> None:
    found = run_fresh(LEAKS.replace("WORDS", repr(words)))
    assert found["native"] == pytest.approx(native, rel=0.05, abs=200_000)
    assert found["heap"] == pytest.approx(heap, rel=0.05, abs=200_000)


def test_the_answer_is_that_of_the_engine() -> None:
    def embed(header: Header, payload: bytes) -> tuple[Header, bytes]:
        return {"shape": header["texts"]}, payload

    assert leaking(embed, "python:480")({"texts": [1]}, b"x") == ({"shape": [1]}, b"x")


@pytest.mark.parametrize("words", ["yes", "native", "native:-1", "mapped:100", "python:1@"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="VEXT_TEST_LEAK"):
        leaking(lambda header, payload: (header, payload), words)


def test_planting_a_leak_is_no_setting() -> None:
    loaded = load_settings(environment={"VEXT_TEST_LEAK": "native:200000"})
    assert loaded.notices == ()
