"""What of a change of settings counts at once, at the next run, after a restart."""

import threading
from pathlib import Path

import pytest
from fakes import FakeMonitor

from vext_desktop.assembly import wiring
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings
from vext_desktop.settings.changes import (
    changed_names,
    needs_fresh_processes,
    within_run,
    without_restart,
)

BEFORE = Settings()
AFTER = Settings(
    memory_cap_mb=900, delay_min_ms=10, batch_size=4, engine="torch", isolation="thread"
)


def test_a_run_takes_up_limits_and_delays_and_nothing_else() -> None:
    taken = within_run(BEFORE, AFTER)
    assert changed_names(BEFORE, taken) == {"memory_cap_mb", "delay_min_ms"}


def test_where_the_model_runs_waits_for_the_next_start() -> None:
    taken = without_restart(BEFORE, AFTER)
    assert changed_names(taken, AFTER) == {"isolation"}


@pytest.mark.parametrize(
    ("changed", "is_needed"),
    [
        ({"engine": "torch"}, True),
        ({"engine_threads": 1}, True),
        ({"max_pages": 3}, True),
        ({"max_expansion": 20}, True),
        ({"max_members": 200}, True),
        ({"max_depth": 2}, True),
        ({"batch_timeout_s": 30.0}, True),
        ({"memory_cap_mb": 900}, False),
        ({"batch_size": 4}, False),
    ],
)
def test_only_what_a_process_is_told_at_its_start_needs_a_fresh_one(
    changed: dict[str, object], is_needed: bool
) -> None:
    assert needs_fresh_processes(BEFORE, Settings(**changed)) is is_needed


class AskedSettings:
    """The defaults, and which of them were asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.names.add(name)
        # So that what is asked for only where text recognition is on is asked for too.
        return getattr(Settings(ocr="tesseract"), name)


def test_whatever_the_reader_is_told_at_its_start_needs_a_fresh_one(tmp_path: Path) -> None:
    asked = AskedSettings()
    wiring.create_reader(asked, Paths(tmp_path), FakeMonitor(), threading.Event())  # type: ignore[arg-type]
    assert asked.names
    for name in asked.names:
        other = Settings.model_construct(**{**Settings().model_dump(), name: "another"})
        assert needs_fresh_processes(BEFORE, other), name
