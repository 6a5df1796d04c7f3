"""What the events compute by themselves."""

import dataclasses
from typing import get_args

import pytest

from vext_desktop import events
from vext_desktop.events import IndexEvent, Progress


def test_every_event_is_frozen_and_belongs_to_the_family() -> None:
    family = get_args(IndexEvent)
    classes = [
        value
        for value in vars(events).values()
        if dataclasses.is_dataclass(value) and value.__module__ == events.__name__
    ]
    assert set(classes) - {Progress} == set(family)
    assert all(cls.__dataclass_params__.frozen for cls in family)


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
