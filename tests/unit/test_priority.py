"""Whether a child process stands back for other programs."""

import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from vext_desktop.supervision.priority import lower_priority


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.communicate(b"\n")


def test_a_process_of_low_priority_comes_after_an_ordinary_one(
    child: subprocess.Popen[bytes],
) -> None:
    before = psutil.Process(child.pid).nice()
    lower_priority(child.pid)
    after = psutil.Process(child.pid).nice()
    assert after != before
    if sys.platform != "win32":
        assert after > before


def test_a_process_that_is_gone_is_no_matter(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    lower_priority(child.pid)
