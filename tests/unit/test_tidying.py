"""Maintenance of the store while rows come in."""

from vext_desktop.events import StoreMaintained, StoreMaintaining
from vext_desktop.index.tidying import MAX_UNINDEXED_ROWS, StoreTidying


class FakeStore:
    """Maintenance that takes as many looks as its script says."""

    def __init__(self, looks: int = 2) -> None:
        self.needs_maintenance = False
        self.begun = 0
        self.quiet: list[bool] = []
        self._looks = looks
        self._left = 0

    def begin_maintenance(self, *, is_quiet: bool = False) -> None:
        self.begun += 1
        self.quiet.append(is_quiet)
        self._left = self._looks

    def finish_maintenance(self, wait_s: float | None) -> float | None:
        self._left -= 1
        if self._left > 0:
            return None
        self.needs_maintenance = False
        return 1.5


def never() -> bool:
    return False


def test_few_rows_are_left_alone_while_the_run_goes_on() -> None:
    store = FakeStore()
    tidying = StoreTidying(store)
    tidying.note_written(MAX_UNINDEXED_ROWS)
    assert list(tidying.step()) == []
    assert store.begun == 0


def test_many_rows_begin_a_round_that_is_asked_after_between_groups() -> None:
    store = FakeStore(looks=2)
    tidying = StoreTidying(store)
    tidying.note_written(MAX_UNINDEXED_ROWS + 1)
    assert list(tidying.step()) == []
    assert store.begun == 1
    assert list(tidying.step()) == [StoreMaintaining()]
    assert list(tidying.step()) == [StoreMaintained(1.5)]
    assert list(tidying.step()) == []
    assert store.begun == 1


def test_at_the_end_what_came_during_a_round_is_tidied_too() -> None:
    store = FakeStore(looks=1)
    tidying = StoreTidying(store)
    tidying.note_written(MAX_UNINDEXED_ROWS + 1)
    list(tidying.step())
    tidying.note_written(3)
    assert list(tidying.finish(never)) == [StoreMaintained(1.5), StoreMaintained(1.5)]
    assert store.begun == 2
    assert store.quiet == [False, True]


def test_a_store_that_a_killed_run_left_unkempt_is_tidied() -> None:
    store = FakeStore(looks=1)
    store.needs_maintenance = True
    assert list(StoreTidying(store).finish(never)) == [StoreMaintained(1.5)]


def test_a_tidy_store_is_left_alone_and_so_is_one_whose_run_was_stopped() -> None:
    store = FakeStore()
    assert list(StoreTidying(store).finish(never)) == []
    tidying = StoreTidying(store)
    tidying.note_written(100)
    assert list(tidying.finish(lambda: True)) == []
    assert store.begun == 0
