"""Small children for the tests of supervision, and looks at what became of them."""

import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator
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
