from fake_readings import reading

from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.time_cursor import TimeCursor


def mark(kind: EventKind, at_s: float) -> EventMark:
    return EventMark(kind, 100 + at_s, f"{kind} at {at_s}")


def cursor_over(*marks: EventMark) -> TimeCursor:
    history = MemoryHistory(100.0)
    for number in range(11):
        history.add(reading(100.0 + number, engine_mb=900 if number == 7 else 480))
    for each in marks:
        history.add_mark(each)
    return TimeCursor(history)


BATCH, PAUSE = mark(EventKind.BATCH, 2), mark(EventKind.PAUSE, 2)
WARNING, LAST = mark(EventKind.WARNING, 4), mark(EventKind.BATCH, 6)
ALL = (BATCH, PAUSE, WARNING, LAST)


def test_the_first_step_goes_to_the_newest_mark_and_no_further() -> None:
    cursor = cursor_over(*ALL)
    assert cursor.go_to_mark(forward=True) is None
    assert cursor.go_to_mark(forward=False) == LAST
    assert cursor.time_s == 6
    assert cursor.go_to_mark(forward=True) is None
    assert cursor.mark == LAST


def test_every_mark_is_met_in_both_directions_also_two_of_one_moment() -> None:
    cursor = cursor_over(*ALL)
    backward = [cursor.go_to_mark(forward=False) for _ in range(5)]
    assert backward == [LAST, WARNING, PAUSE, BATCH, None]
    forward = [cursor.go_to_mark(forward=True) for _ in range(4)]
    assert forward == [PAUSE, WARNING, LAST, None]


def test_from_a_moment_between_marks_the_neighbours_are_next() -> None:
    cursor = cursor_over(*ALL)
    cursor.put(3.0)
    assert cursor.go_to_mark(forward=True) == WARNING
    cursor.put(3.0)
    assert cursor.go_to_mark(forward=False) == PAUSE


def test_only_kinds_that_have_marks_can_be_chosen_and_then_only_these_are_met() -> None:
    cursor = cursor_over(*ALL)
    assert [cursor.choose_kind(1) for _ in range(4)] == [
        EventKind.BATCH,
        EventKind.PAUSE,
        EventKind.WARNING,
        None,
    ]
    assert cursor.choose_kind(-1) is EventKind.WARNING
    assert cursor.count() == 1
    assert cursor.go_to_mark(forward=False) == WARNING
    assert cursor.go_to_mark(forward=False) is None


def test_the_first_and_the_last_mark_are_one_step_away() -> None:
    cursor = cursor_over(*ALL)
    assert cursor.go_to_last_mark(forward=False) == BATCH
    assert cursor.go_to_last_mark(forward=True) == LAST
    assert cursor_over().go_to_last_mark(forward=True) is None


def test_samples_are_met_one_by_one() -> None:
    cursor = cursor_over()
    assert cursor.go_to_sample(forward=False) == 10
    assert cursor.go_to_sample(forward=False) == 9
    assert cursor.go_to_sample(forward=True) == 10
    assert cursor.go_to_sample(forward=True) is None
    cursor.put(0.0)
    assert cursor.go_to_sample(forward=False) is None
    assert TimeCursor(MemoryHistory(0.0)).go_to_sample(forward=True) is None


def test_the_highest_point_in_view_is_found() -> None:
    cursor = cursor_over()
    assert cursor.go_to_peak(0, 10) == 7
    assert cursor.go_to_peak(8, 10) == 8
    assert TimeCursor(MemoryHistory(0.0)).go_to_peak(0, 10) is None
