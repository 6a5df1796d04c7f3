"""What the events compute by themselves."""

import dataclasses
from types import ModuleType
from typing import get_args

import pytest

from vext_desktop import events
from vext_desktop.events import (
    IndexEvent,
    Progress,
    accidents,
    processes,
    rebuilds,
    run,
    services,
)


def test_every_event_is_frozen_and_belongs_to_the_family() -> None:
    family = get_args(IndexEvent)
    named = [getattr(events, name) for name in events.__all__]
    classes = {value for value in named if dataclasses.is_dataclass(value)}
    assert classes - {Progress} == set(family)
    assert all(cls.__dataclass_params__.frozen for cls in family)


@pytest.mark.parametrize("module", [run, processes, rebuilds, services, accidents])
def test_no_event_is_left_out_of_the_vocabulary(module: ModuleType) -> None:
    made_there = [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    assert made_there
    assert set(made_there) <= set(events.__all__)


def test_the_time_left_follows_from_the_bytes_done() -> None:
    progress = Progress(1, 4, 500, 2000, 20, 10.0)
    assert progress.seconds_left == pytest.approx(30.0)
    assert progress.chunks_per_second == pytest.approx(2.0)


def test_before_anything_is_done_the_time_left_is_not_known() -> None:
    assert Progress(0, 4, 0, 2000, 0, 5.0).seconds_left is None
    assert Progress(0, 4, 100, 2000, 0, 0.0).seconds_left is None
    assert Progress(0, 0, 0, 0, 0, 0.0).chunks_per_second == 0.0


def test_a_file_that_grew_while_it_was_read_leaves_no_negative_time() -> None:
    assert Progress(1, 1, 2500, 2000, 20, 10.0).seconds_left == 0.0
