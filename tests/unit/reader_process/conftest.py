"""Reader processes that end with their test, and what their hosts tell of them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from reader_stage import MakeHost, Watcher, made_hosts


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def cancelled() -> threading.Event:
    return threading.Event()


@pytest.fixture
def make_host(tmp_path: Path, watcher: Watcher, cancelled: threading.Event) -> Iterator[MakeHost]:
    with made_hosts(tmp_path / "logs" / "reader.log", watcher, cancelled) as make:
        yield make
