"""Very large files are read in flat memory: a text, a workbook, a PDF of thousands of pages."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from made_documents import pdf
from made_packages import xlsx

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


def reader_sizes(path: Path) -> tuple[list[int], int]:
    """The reader's memory, now and then while a file is read, and how many characters it has."""
    started: list[ChildProcess] = []
    host = ReaderHost(
        ReadLimits(2 * FILE_BYTES, 20_000, 2 * FILE_BYTES, 1_000_000_000),
        30.0,
        path.parent / "reader.log",
        threading.Event(),
        on_started=started.append,
        on_ended=lambda: None,
    )
    sizes, end = [], 0
    try:
        for number, chunks in enumerate(host.read_chunks(path, ChunkRules())):
            end = chunks[-1].end
            if number % 20 == 0:
                sizes.append(psutil.Process(started[0].pid).memory_info().rss)
    finally:
        host.close()
    return sizes, end


def check_flat(sizes: list[int]) -> None:
    assert max(sizes) < MAX_READER_BYTES
    # Peaks are compared: a PDF is opened anew now and then, so its memory is a saw.
    middle = len(sizes) // 2
    assert max(sizes[middle:]) - max(sizes[:middle]) < MAX_GROWTH_BYTES


def test_two_hundred_megabytes_of_text_are_cut_without_growing(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    line = "The minutes of the meeting were read, and nobody asked for a change of them. "
    with path.open("w") as file:
        written = 0
        while written < FILE_BYTES:
            written += file.write(f"{written} {line * 12}\n\n")
    sizes, end = reader_sizes(path)
    assert end > FILE_BYTES * 0.99
    check_flat(sizes)


def test_a_workbook_of_sixty_thousand_rows_is_cut_without_growing(tmp_path: Path) -> None:
    def row(number: int) -> str:
        cells = "".join(
            f'<c r="{column}{number}" t="s"><v>{number * place % 5000}</v></c>'
            for place, column in enumerate("ABCDE", start=1)
        )
        return f'<row r="{number}">{cells}<c r="F{number}"><v>{number / 7}</v></c></row>'

    path = xlsx(
        tmp_path / "a.xlsx",
        {"Data": f"<sheetData>{''.join(map(row, range(1, 60_001)))}</sheetData>"},
        texts="".join(f"<si><t>some words in cell {number}</t></si>" for number in range(5000)),
    )
    sizes, end = reader_sizes(path)
    assert end > 5_000_000
    check_flat(sizes)


def test_a_pdf_of_five_thousand_pages_is_cut_without_growing(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([["The minutes of the meeting were read."] * 20] * 5000))
    sizes, end = reader_sizes(path)
    assert end > 3_000_000
    check_flat(sizes)
