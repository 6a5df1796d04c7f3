"""What to do about memory after a batch: a pure function from a reading to a decision.

The table is DESIGN's: calm below the soft limit; a delay (and a trim, when it can help) up to
the budget; one reading over the budget is noise, two in a row act, each step only if the one
before was not enough: clean up, reload the model, smaller batches, halt. A step was enough when
memory then stays inside the budget for a while, also under pressure: what comes after that is
met from the beginning.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

# An escalation is forgotten after this many batches in a row that were not over the budget, and
# batches grow back after as many calm ones: long enough that a model reloaded because of its own
# hoard has had time to hoard again.
CALM_BATCHES = 20
# A reload that kept memory inside the budget for so many batches helped, so another one is the
# answer when they are over, before batches shrink and indexing halts: slow is better than not.
RELIEF_BATCHES = 5
_AFTER_CLEANUP = 1
# Trimming the allocator is not worth its milliseconds for less.
WORTH_TRIMMING_BYTES = 20_000_000
# Two readings in a row over the budget act: the rule of the ancestor's write-up.
OVER_IN_A_ROW_TO_ACT = 2


class MemoryStep(StrEnum):
    """What the batch loop should do before the next batch."""

    NOTHING = "nothing"
    NOTE = "note"
    TRIM = "trim"
    CLEAN_UP = "clean_up"
    RELOAD = "reload"
    SHRINK = "shrink"
    GROW = "grow"
    HALT = "halt"


@dataclass(frozen=True, slots=True)
class PacingRules:
    """The settings that the decision depends on.

    Attributes:
        delay_min_s: Delay at the soft limit, in seconds.
        delay_max_s: Delay at the budget and above, in seconds.
        batch_size: The size that batches have when memory is calm.
    """

    delay_min_s: float
    delay_max_s: float
    batch_size: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """One reading beside its limits.

    Attributes:
        used_bytes: Resident memory of all our processes.
        soft_bytes: Where pressure begins.
        limit_bytes: The budget.
        held_bytes: What the allocators hold for nobody; None when it was not measured.
    """

    used_bytes: int
    soft_bytes: int
    limit_bytes: int
    held_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PacingState:
    """What is remembered from one decision to the next."""

    batch_size: int
    over_in_a_row: int = 0
    under_in_a_row: int = 0
    calm_in_a_row: int = 0
    escalation: int = 0


@dataclass(frozen=True, slots=True)
class PacingDecision:
    """What to do, and how long to wait afterwards, in seconds."""

    step: MemoryStep
    pause_s: float


def decide(
    state: PacingState, pressure: Pressure, rules: PacingRules
) -> tuple[PacingDecision, PacingState]:
    """Judge one reading; the same input always gives the same decision."""
    if pressure.used_bytes > pressure.limit_bytes:
        return _decide_over(replace(state, under_in_a_row=0, calm_in_a_row=0), rules)
    under = state.under_in_a_row + 1
    escalation = state.escalation
    if under >= CALM_BATCHES:
        escalation = 0
    elif under >= RELIEF_BATCHES:
        escalation = min(escalation, _AFTER_CLEANUP)
    state = replace(state, over_in_a_row=0, under_in_a_row=under, escalation=escalation)
    if pressure.used_bytes > pressure.soft_bytes:
        helps = _trim_helps(pressure)
        step = MemoryStep.TRIM if helps else MemoryStep.NOTHING
        pause_s = delay_s(pressure, rules)
        return PacingDecision(step, pause_s), replace(state, calm_in_a_row=0)
    return _decide_calm(state, rules)


def delay_s(pressure: Pressure, rules: PacingRules) -> float:
    """The adaptive delay in seconds: 0 when calm, then linear from the soft limit to the budget."""
    if pressure.used_bytes <= pressure.soft_bytes:
        return 0.0
    span = max(1, pressure.limit_bytes - pressure.soft_bytes)
    share = min(1.0, (pressure.used_bytes - pressure.soft_bytes) / span)
    return rules.delay_min_s + share * (rules.delay_max_s - rules.delay_min_s)


def _trim_helps(pressure: Pressure) -> bool:
    """Whether giving back what is held for nobody would end the pressure, or half of it."""
    held = pressure.held_bytes or 0
    excess = pressure.used_bytes - pressure.soft_bytes
    return held >= max(WORTH_TRIMMING_BYTES, excess // 2)


def _decide_calm(state: PacingState, rules: PacingRules) -> tuple[PacingDecision, PacingState]:
    calm = state.calm_in_a_row + 1
    if calm < CALM_BATCHES:
        return PacingDecision(MemoryStep.NOTHING, 0.0), replace(state, calm_in_a_row=calm)
    if state.batch_size < rules.batch_size:
        grown = min(rules.batch_size, state.batch_size * 2)
        return PacingDecision(MemoryStep.GROW, 0.0), PacingState(batch_size=grown)
    return PacingDecision(MemoryStep.NOTHING, 0.0), replace(state, calm_in_a_row=calm)


def _decide_over(state: PacingState, rules: PacingRules) -> tuple[PacingDecision, PacingState]:
    state = replace(state, over_in_a_row=state.over_in_a_row + 1)
    if state.over_in_a_row < OVER_IN_A_ROW_TO_ACT:
        return PacingDecision(MemoryStep.NOTE, rules.delay_max_s), state
    if state.escalation == 0:
        return PacingDecision(MemoryStep.CLEAN_UP, 0.0), replace(state, escalation=_AFTER_CLEANUP)
    if state.escalation == _AFTER_CLEANUP:
        return PacingDecision(MemoryStep.RELOAD, 0.0), replace(state, escalation=2)
    if state.batch_size > 1:
        smaller = replace(state, batch_size=max(1, state.batch_size // 2))
        return PacingDecision(MemoryStep.SHRINK, rules.delay_max_s), smaller
    return PacingDecision(MemoryStep.HALT, rules.delay_max_s), state
