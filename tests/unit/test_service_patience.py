"""How long a service is waited for."""

import pytest

from vext_desktop.errors import CancelledError, ServiceError
from vext_desktop.index.service_patience import ServicePatience


def passing(retry_after_s: float | None = None) -> ServiceError:
    return ServiceError("It failed.", "Wait.", may_pass=True, retry_after_s=retry_after_s)


def waited_s(patience: ServicePatience, attempt: int, error: ServiceError | None = None) -> float:
    return sum(event.pause_s for event in patience.wait(error or passing(), attempt))


def test_each_wait_is_twice_the_one_before_up_to_a_minute() -> None:
    patience = ServicePatience(20, chance=lambda: 1.0)
    assert [waited_s(patience, attempt) for attempt in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_chance_halves_a_wait_at_most() -> None:
    assert waited_s(ServicePatience(9, chance=lambda: 0.0), 3) == 2.0


def test_a_wait_is_never_shorter_than_what_the_service_asks_for() -> None:
    assert 7 <= waited_s(ServicePatience(9), 1, passing(retry_after_s=7.0)) <= 7.2
    assert waited_s(ServicePatience(9), 1, passing(retry_after_s=0.0)) <= 0.2


def test_a_wait_comes_in_steps_that_count_down() -> None:
    events = list(ServicePatience(9, chance=lambda: 1.0).wait(passing(), 2))
    assert [event.seconds_left for event in events] == [2.0, 1.5, 1.0, 0.5]
    assert all(event.pause_s == 0.5 for event in events)


def test_the_last_try_is_followed_by_a_sentence_that_nothing_is_lost() -> None:
    with pytest.raises(ServiceError, match=r"asked 3 times\. Nothing is lost") as caught:
        list(ServicePatience(3).wait(passing(), 3))
    assert caught.value.hint == "Wait."


def test_what_does_not_pass_is_not_waited_for() -> None:
    with pytest.raises(ServiceError, match="Nothing is lost"):
        list(ServicePatience(9).wait(ServiceError("Wrong key."), 1))


def test_who_asks_to_be_left_alone_for_long_is_not_waited_for() -> None:
    with pytest.raises(ServiceError, match="left alone for 10 minutes"):
        list(ServicePatience(9).wait(passing(retry_after_s=600), 1))


def test_a_stop_ends_the_wait_with_the_next_step() -> None:
    is_stopped = False
    steps = ServicePatience(9, lambda: is_stopped).wait(passing(retry_after_s=100), 1)
    next(steps)
    is_stopped = True
    with pytest.raises(CancelledError):
        next(steps)
