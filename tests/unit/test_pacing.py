"""The decisions of the batch loop over scripted memory readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vext_desktop.memory.pacing import (
    CALM_BATCHES,
    RELIEF_BATCHES,
    MemoryStep,
    PacingDecision,
    PacingRules,
    PacingState,
    Pressure,
    decide,
    delay_s,
)

MB = 1_000_000
RULES = PacingRules(delay_min_s=0.3, delay_max_s=0.8, batch_size=8)


def pressure(used_mb: int, held_mb: int | None = None) -> Pressure:
    held = None if held_mb is None else held_mb * MB
    return Pressure(used_mb * MB, soft_bytes=900 * MB, limit_bytes=1200 * MB, held_bytes=held)


def follow(readings_mb: list[int], state: PacingState | None = None) -> list[PacingDecision]:
    state = state or PacingState(batch_size=8)
    decisions = []
    for used_mb in readings_mb:
        decision, state = decide(state, pressure(used_mb), RULES)
        decisions.append(decision)
    return decisions


def steps(readings_mb: list[int]) -> list[MemoryStep]:
    return [decision.step for decision in follow(readings_mb)]


def test_calm_memory_costs_no_delay() -> None:
    assert follow([100, 500, 899]) == [PacingDecision(MemoryStep.NOTHING, 0.0)] * 3


def test_the_delay_rises_linearly_from_the_soft_limit_to_the_budget() -> None:
    assert delay_s(pressure(900), RULES) == 0
    assert delay_s(pressure(901), RULES) == pytest.approx(0.3, abs=0.01)
    assert delay_s(pressure(1050), RULES) == pytest.approx(0.55)
    assert delay_s(pressure(1200), RULES) == pytest.approx(0.8)
    assert delay_s(pressure(5000), RULES) == pytest.approx(0.8)


def test_under_pressure_held_memory_that_explains_it_is_trimmed() -> None:
    decision, _ = decide(PacingState(8), pressure(1000, held_mb=120), RULES)
    assert decision.step is MemoryStep.TRIM
    assert decision.pause_s > 0


def test_under_pressure_nothing_is_trimmed_when_that_would_not_help() -> None:
    decision, _ = decide(PacingState(8), pressure(1150, held_mb=30), RULES)
    assert decision.step is MemoryStep.NOTHING
    unknown, _ = decide(PacingState(8), pressure(1150), RULES)
    assert unknown.step is MemoryStep.NOTHING


def test_one_reading_over_the_budget_is_only_noted() -> None:
    assert steps([1300, 500, 1300, 500]) == [
        MemoryStep.NOTE, MemoryStep.NOTHING, MemoryStep.NOTE, MemoryStep.NOTHING,
    ]  # fmt: skip


def test_two_readings_over_the_budget_clean_up_then_reload_then_shrink_then_halt() -> None:
    assert steps([1300] * 8) == [
        MemoryStep.NOTE,
        MemoryStep.CLEAN_UP,
        MemoryStep.RELOAD,
        MemoryStep.SHRINK,
        MemoryStep.SHRINK,
        MemoryStep.SHRINK,
        MemoryStep.HALT,
        MemoryStep.HALT,
    ]


def test_shrinking_goes_from_eight_to_one() -> None:
    state, sizes = PacingState(batch_size=8), []
    for _ in range(6):
        _, state = decide(state, pressure(1300), RULES)
        sizes.append(state.batch_size)
    assert sizes == [8, 8, 8, 4, 2, 1]


def test_a_cleanup_that_helped_is_not_followed_by_a_reload() -> None:
    assert MemoryStep.RELOAD not in steps([1300, 1300, 700, 700, 700])


def test_memory_that_comes_back_soon_after_a_cleanup_reloads_the_model() -> None:
    found = steps([1300, 1300, 800, 800, 1300, 1300])
    assert found[-2:] == [MemoryStep.NOTE, MemoryStep.RELOAD]


def test_after_a_long_calm_the_escalation_starts_again_with_a_cleanup() -> None:
    found = steps([1300, 1300] + [500] * CALM_BATCHES + [1300, 1300])
    assert found[-1] is MemoryStep.CLEAN_UP


def test_a_reload_that_helped_for_some_batches_is_the_answer_again() -> None:
    found = steps([1300, 1300, 1300, *[1000] * RELIEF_BATCHES, 1300, 1300])
    assert found[-1] is MemoryStep.RELOAD
    found = steps([1300, 1300, 1300, *[1000] * (RELIEF_BATCHES - 1), 1300, 1300])
    assert found[-1] is MemoryStep.SHRINK


def test_a_slow_leak_under_pressure_is_met_with_a_reload_again_and_again() -> None:
    climb = [1000] * CALM_BATCHES + [1300, 1300, 1300]
    found = steps(climb * 3)
    assert found.count(MemoryStep.RELOAD) == 3
    assert MemoryStep.SHRINK not in found


def test_small_batches_grow_back_when_memory_stays_calm() -> None:
    state = PacingState(batch_size=2, escalation=2)
    grown = []
    for _ in range(2 * CALM_BATCHES):
        decision, state = decide(state, pressure(500), RULES)
        if decision.step is MemoryStep.GROW:
            grown.append(state.batch_size)
    assert grown == [4, 8]


@given(st.lists(st.integers(min_value=1, max_value=3000), max_size=80))
def test_no_series_of_readings_gives_a_delay_out_of_range_or_a_batch_of_zero(
    readings_mb: list[int],
) -> None:
    state = PacingState(batch_size=8)
    for used_mb in readings_mb:
        decision, state = decide(state, pressure(used_mb), RULES)
        assert decision.pause_s == 0 or 0.3 <= decision.pause_s <= 0.8
        assert 1 <= state.batch_size <= 8
        assert used_mb > 900 or decision.pause_s == 0
