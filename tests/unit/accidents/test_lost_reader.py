"""A reader process that ends before it has seen any file: that is no file's fault."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_documents import LIMITS

from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.errors import ChildError

if TYPE_CHECKING:
    from vext_desktop.supervision.parent import ChildProcess

MakeHost = Callable[[int], ReaderHost]


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[MakeHost]:
    """Makes a host whose first children are killed while they start."""
    hosts: list[ReaderHost] = []

    def make(kills: int) -> ReaderHost:
        left = [kills]

        def kill(child: "ChildProcess") -> None:
            if left[0]:
                left[0] -= 1
                child.kill()

        log, cancelled = tmp_path / "reader.log", threading.Event()
        hosts.append(ReaderHost(LIMITS, 20.0, log, cancelled, kill, lambda: None))
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, the ferry leaves at seven.", encoding="utf-8")
    return path


@pytest.mark.usefixtures("expected_warnings")
def test_a_reader_that_is_lost_while_it_starts_is_started_again(
    make_host: MakeHost, letter: Path
) -> None:
    chunks = [chunk for group in make_host(2).read_chunks(letter, ChunkRules()) for chunk in group]
    assert [chunk.text for chunk in chunks] == ["Dear all, the ferry leaves at seven."]


@pytest.mark.usefixtures("expected_warnings")
def test_a_reader_that_never_starts_is_told_with_what_to_do(
    make_host: MakeHost, letter: Path
) -> None:
    with pytest.raises(ChildError, match="3 times in a row") as told:
        list(make_host(3).read_chunks(letter, ChunkRules()))
    assert "untouched" in told.value.message
    assert "reader.log" in told.value.hint
