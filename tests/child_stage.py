"""Small children for the tests of supervision, and looks at what became of them."""

import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from vext_desktop.supervision.parent import ChildProcess

SMALL_CHILD = Path(__file__).parent / "data" / "small_child.py"
LIMIT_S = 30.0

Start = Callable[..., ChildProcess]


def install_small_program(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Stand in for a frozen program, which starts itself as its child."""
    program = folder / "program"
    run = f'exec {shlex.quote(sys.executable)} -P {shlex.quote(str(SMALL_CHILD))} "$@"'
    program.write_text(f"#!/bin/sh\n{run}\n")
    program.chmod(0o755)
    patch.setattr(sys, "frozen", True, raising=False)
    patch.setattr(sys, "executable", str(program))
    return program


@contextlib.contextmanager
def small_children(folder: Path) -> Iterator[Start]:
    """What starts small children; they are killed in the end."""
    with contextlib.ExitStack() as ends:

        def start_child(
            options: dict[str, object] | None = None, *, ready: bool = True, **others: Any
        ) -> ChildProcess:
            child = ChildProcess("engine", options or {}, folder / "logs" / "child.log", **others)
            child.start()
            ends.callback(child.kill)
            if ready:
                assert child.wait_ready(LIMIT_S, LIMIT_S)
            return child

        yield start_child


class Closing:
    """A program that begins to close: whoever waits is told at the fifth look since `begin`.

    By looks and not by a clock: on a busy machine they come later but are the same.
    """

    LOOKS = 5

    def __init__(self) -> None:
        self._has_begun = False
        self._looks_s: list[float] = []

    def begin(self) -> None:
        self._has_begun = True

    def is_set(self) -> bool:
        if not self._has_begun:
            return False
        self._looks_s.append(time.monotonic())
        return len(self._looks_s) >= self.LOOKS

    @property
    def was_heeded(self) -> bool:
        """Whether the wait ended at the look that told it to, and looks come often."""
        pauses_s = [later - earlier for earlier, later in pairwise(self._looks_s)]
        return len(self._looks_s) == self.LOOKS and min(pauses_s) < 0.3


def wait_until(is_so: Callable[[], bool], limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    """Whether nothing runs under this number, waited for or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def count_fds() -> int:
    return psutil.Process().num_fds()
