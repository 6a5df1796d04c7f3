"""A reader process for tests: what its host tells, what it reads, and why it does not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.supervision.parent import ChildProcess

RULES = ChunkRules(200, 40)


class Watcher:
    """Notes what the host tells of its children."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.ended = 0

    def on_started(self, child: ChildProcess) -> None:
        assert child.pid is not None
        self.started.append(child.pid)

    def on_ended(self) -> None:
        self.ended += 1


MakeHost = Callable[..., ReaderHost]


def read(host: ReaderHost, path: Path) -> str:
    return "".join(section.text for group in host.read_sections(path) for section in group)


def failure(host: ReaderHost, path: Path) -> ReadFailure:
    with pytest.raises(ReadFailure) as raised:
        read(host, path)
    return raised.value


def written(path: Path, content: str | bytes = "a good file\n") -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def long_text(tmp_path: Path) -> Path:
    return written(tmp_path / "long.txt", "One more line of text.\n" * 40_000)


@contextmanager
def made_hosts(log_file: Path, watcher: Watcher, cancelled: threading.Event) -> Iterator[MakeHost]:
    """What makes hosts of readers; all of them are closed at the end."""
    hosts: list[ReaderHost] = []

    def make(limits: ReadLimits = LIMITS, step_timeout_s: float = 30.0) -> ReaderHost:
        host = ReaderHost(
            limits, step_timeout_s, log_file, cancelled, watcher.on_started, watcher.on_ended
        )
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        host.close()
