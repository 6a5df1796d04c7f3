"""Thousands of file names must not make Python's table of words grow in the middle of a run."""

import subprocess
import sys

import pytest

_NAMES = """
import sys
from pathlib import PurePath
from vext_desktop.memory.glibc import Glibc
from vext_desktop.memory.word_table import stretch_word_table

words = [sys.intern(f"word {number}") for number in range(30_000)]  # as many as a program has
if sys.argv[1] == "stretched":
    stretch_word_table()
before = Glibc().use()
for number in range(100_000):
    PurePath(f"/documents/{number}.txt").name
after = Glibc().use()
print(after.blocks_bytes + after.mapped_bytes - before.blocks_bytes - before.mapped_bytes)
"""


def grown_bytes(how: str) -> int:
    command = [sys.executable, "-c", _NAMES, how]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or sys.version_info >= (3, 12),
    reason="pathlib keeps its words in the table up to Python 3.11; glibc's count is read here",
)
def test_a_hundred_thousand_names_leave_the_table_of_words_as_large_as_it_was() -> None:
    assert grown_bytes("as it was") > 400_000, "what is cured here does not happen any more"
    assert grown_bytes("stretched") < 50_000
