"""A very large text file is read in flat memory."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.section import ReadLimits

if TYPE_CHECKING:
    from vext_desktop.supervision.parent import ChildProcess

pytestmark = pytest.mark.slow

FILE_BYTES = 200_000_000
# Measured: 31 MB in the reader, all of it there after the first megabytes.
MAX_READER_BYTES = 80_000_000
MAX_GROWTH_BYTES = 8_000_000


def test_two_hundred_megabytes_of_text_are_cut_without_growing(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    line = "The minutes of the meeting were read, and nobody asked for a change of them. "
    with path.open("w") as file:
        written = 0
        while written < FILE_BYTES:
            written += file.write(f"{written} {line * 12}\n\n")
    started: list[ChildProcess] = []
    host = ReaderHost(
        ReadLimits(2 * FILE_BYTES, 10, 2 * FILE_BYTES, 1_000_000_000),
        30.0,
        tmp_path / "reader.log",
        threading.Event(),
        on_started=started.append,
        on_ended=lambda: None,
    )
    try:
        sizes, end = [], 0
        for number, chunks in enumerate(host.read_chunks(path, ChunkRules())):
            end = chunks[-1].end
            if number % 200 == 0:
                sizes.append(psutil.Process(started[0].pid).memory_info().rss)
    finally:
        host.close()
    assert end > FILE_BYTES * 0.99
    assert max(sizes) < MAX_READER_BYTES
    later = sizes[len(sizes) // 10 :]
    assert max(later) - later[0] < MAX_GROWTH_BYTES
