"""Embedding that survives its engine."""

from collections.abc import Generator
from typing import TypeVar

import pytest
from fakes import FakeMonitor, FakeReclaimer, FlakyHost, chunks

from vext_desktop.errors import ModelError, VextError
from vext_desktop.events import BatchRetried, ChildDied, ChildStarted, ChunkSetAside, IndexEvent
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.work import EmbeddedChunks

Result = TypeVar("Result")


def drive(steps: Generator[IndexEvent, None, Result]) -> tuple[list[IndexEvent], Result]:
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def embed(host: FlakyHost, *texts: str) -> tuple[list[IndexEvent], EmbeddedChunks, FakeReclaimer]:
    monitor = FakeMonitor()
    reclaimer = FakeReclaimer(monitor)
    embedder = RetryingEmbedder(host, reclaimer, DeathWitness(monitor), tries=3)
    events, embedded = drive(embedder.embed(chunks(*texts), 1))
    return events, embedded, reclaimer


def kept(embedded: EmbeddedChunks) -> list[str]:
    return [pending.chunk.text for pending in embedded.chunks]


def test_a_healthy_batch_is_embedded_once_in_order() -> None:
    host = FlakyHost()
    events, embedded, _ = embed(host, "one", "three", "fourteen")
    assert kept(embedded) == ["one", "three", "fourteen"]
    assert embedded.vectors.shape == (3, 4)
    assert host.calls == [3]
    assert [type(event) for event in events] == [ChildStarted]


def test_a_batch_that_fails_once_is_retried_after_a_cleanup() -> None:
    host = FlakyHost(fails=lambda call: call == 1)
    events, embedded, reclaimer = embed(host, "one", "two")
    assert kept(embedded) == ["one", "two"]
    assert host.calls == [2, 2]
    assert reclaimer.calls == ["free retry"]
    assert any(isinstance(event, BatchRetried) and event.attempt == 2 for event in events)


def test_a_batch_that_fails_twice_gets_a_fresh_model_before_its_last_try() -> None:
    host = FlakyHost(fails=lambda call: call <= 2)
    _, embedded, reclaimer = embed(host, "one", "two")
    assert kept(embedded) == ["one", "two"]
    assert reclaimer.calls == ["free retry", "reload retry"]


def begun(host: FlakyHost) -> RetryingEmbedder:
    """An embedder whose engine is ready and has proven itself."""
    monitor = FakeMonitor()
    embedder = RetryingEmbedder(host, FakeReclaimer(monitor), DeathWitness(monitor), tries=3)
    list(embedder.ensure_ready())
    return embedder


def test_a_batch_that_was_begun_ahead_is_embedded_once() -> None:
    host = FlakyHost()
    embedder, batch = begun(host), chunks("one", "three")
    embedder.begin(batch)
    _, embedded = drive(embedder.embed(batch, 1))
    assert kept(embedded) == ["one", "three"]
    assert (host.begun, host.calls) == (1, [2])


@pytest.mark.usefixtures("expected_warnings")
def test_a_batch_that_was_begun_ahead_and_kills_the_engine_loses_only_its_guilty_text() -> None:
    host = FlakyHost(deadly=["bad"])
    embedder, batch = begun(host), chunks("one", "bad", "three")
    embedder.begin(batch)
    _, embedded = drive(embedder.embed(batch, 1))
    assert kept(embedded) == ["one", "three"]


@pytest.mark.usefixtures("expected_warnings")
def test_a_death_that_is_found_while_a_batch_is_begun_ahead_is_told_and_costs_no_try() -> None:
    host = FlakyHost()
    embedder, batch = begun(host), chunks("one", "three")
    host.dies_when_begun = True
    embedder.begin(batch)
    events, embedded = drive(embedder.embed(batch, 1))
    assert [type(event) for event in events] == [ChildDied, ChildStarted]
    assert kept(embedded) == ["one", "three"]


def test_another_batch_than_the_one_that_was_begun_gets_its_own_vectors() -> None:
    embedder = begun(FlakyHost())
    embedder.begin(chunks("one", "three"))
    _, embedded = drive(embedder.embed(chunks("fourteen"), 1))
    assert kept(embedded) == ["fourteen"]
    assert embedded.vectors.shape == (1, 4)


def test_nothing_is_begun_with_an_engine_that_is_not_ready() -> None:
    host = FlakyHost()
    monitor = FakeMonitor()
    embedder = RetryingEmbedder(host, FakeReclaimer(monitor), DeathWitness(monitor), tries=3)
    embedder.begin(chunks("one"))
    assert host.begun == 0


def test_only_the_guilty_text_is_set_aside_with_its_reason() -> None:
    texts = [f"text {number}" for number in range(8)]
    events, embedded, _ = embed(FlakyHost(bad=["text 5"]), *texts)
    assert kept(embedded) == [text for text in texts if text != "text 5"]
    aside = [event for event in events if isinstance(event, ChunkSetAside)]
    assert len(aside) == 1
    assert "cannot take this text" in aside[0].reason


def test_a_vector_of_nan_is_never_kept() -> None:
    _, embedded, _ = embed(FlakyHost(nan=["b"]), "a", "b", "c")
    assert kept(embedded) == ["a", "c"]


@pytest.mark.usefixtures("expected_warnings")
def test_a_text_that_kills_the_engine_is_found_and_the_others_are_embedded() -> None:
    texts = [f"text {number}" for number in range(8)]
    host = FlakyHost(deadly=["text 2"])
    events, embedded, _ = embed(host, *texts)
    assert kept(embedded) == [text for text in texts if text != "text 2"]
    deaths = [event for event in events if isinstance(event, ChildDied)]
    assert deaths[0].cause == "signal SIGKILL: ended from outside"
    assert deaths[0].files == ("/notes.txt",)
    assert deaths[0].log_tail == "last words"
    assert host.starts == len(deaths) + 1


@pytest.mark.usefixtures("expected_warnings")
def test_a_text_that_makes_the_engine_hang_is_found_too() -> None:
    events, embedded, _ = embed(FlakyHost(deadly=["b"], hangs=True), "a", "b")
    assert kept(embedded) == ["a"]
    deaths = [event for event in events if isinstance(event, ChildDied)]
    assert deaths
    assert "no answer for 120 s" in deaths[0].cause


@pytest.mark.usefixtures("expected_warnings")
def test_an_engine_that_dies_three_times_at_its_start_stops_the_run_with_a_sentence() -> None:
    host = FlakyHost(broken_starts=6)
    embedder = RetryingEmbedder(
        host, FakeReclaimer(monitor := FakeMonitor()), DeathWitness(monitor), 3
    )
    for _ in range(2):  # who asks again gets as many tries again
        events = []
        with pytest.raises(VextError, match="ended 3 times in a row") as caught:
            events.extend(embedder.embed(chunks("a"), 1))
        assert "go on from here" in caught.value.hint
    assert host.starts == 6


@pytest.mark.usefixtures("expected_warnings")
def test_two_bad_starts_are_survived() -> None:
    host = FlakyHost(broken_starts=2)
    _, embedded, _ = embed(host, "a", "b")
    assert kept(embedded) == ["a", "b"]
    assert host.starts == 3


def test_a_batch_of_one_bad_text_leaves_no_vectors() -> None:
    _, embedded, _ = embed(FlakyHost(bad=["x"]), "x")
    assert embedded.chunks == ()
    assert embedded.vectors.shape == (0, 4)


def test_a_model_that_fails_on_a_short_text_of_ours_blames_no_file() -> None:
    with pytest.raises(ModelError, match="the fault is in none of your files"):
        embed(FlakyHost(bad=["Vext Desktop"]), "one", "two")
