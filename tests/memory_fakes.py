"""What the tests of memory share: processes of their own, to fill, to read and to end."""

import json
import os
import socket
import subprocess
import sys
import textwrap

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import reading_to_json
from vext_desktop.readings import MemoryReading, ProcessRole

MB = 1_000_000

# Runs in a fresh interpreter, where nothing else allocates.
PREFACE = """
import ctypes, gc, json, os, sys, threading
from vext_desktop.memory import allocator
from vext_desktop.memory.probe import create_probe
from vext_desktop.readings import ProcessRole

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
probe = create_probe(ProcessRole.ENGINE)
probe.read_exactly()

def allocate(count, size):
    blocks = [libc.malloc(size) for _ in range(count)]
    for block in blocks:
        libc.memset(block, 1, size)
    return blocks

def free(blocks):
    for block in blocks:
        libc.free(block)

def free_under_the_top(count, size):
    "The last block stays, so the top of the heap cannot go back by itself."
    free(allocate(count, size)[:-1])

def returned_by(action):
    before = probe.read().rss_bytes
    action()
    return before - probe.read().rss_bytes

def promise_and_return():
    promised = probe.read_exactly().held_bytes
    return {"promised": promised, "returned": returned_by(allocator.trim)}
"""


def run_fresh(body: str, **environment: str) -> dict[str, int]:
    """What `body` assigns to `found`, from an interpreter of its own."""
    code = PREFACE + textwrap.dedent(body) + "\nprint(json.dumps(found))\n"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


class FakeProbe:
    """Our own process, with the readings that a test writes into it."""

    def __init__(self) -> None:
        self.role = ProcessRole.WINDOW
        # No process has this number, so the kernel knows no high-water mark of it.
        self.reading = MemoryReading(ProcessRole.WINDOW, 1 << 30, 100 * MB, 30 * MB, 20 * MB)

    def read(self) -> MemoryReading:
        return self.reading

    def read_exactly(self) -> MemoryReading:
        return self.reading


class Sleeper:
    """A live process that does nothing, and the child's end of its monitor socket."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def say(self, rss_bytes: int, **changes: object) -> None:
        values = reading_to_json(
            MemoryReading(ProcessRole.ENGINE, self.pid, rss_bytes, 7 * MB, 9 * MB)
        )
        self.theirs.send(json.dumps({**values, **changes}).encode() + b"\n")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.ours.close()
        self.theirs.close()


def engine_of(monitor: MemoryMonitor) -> MemoryReading:
    """What the monitor knows of the engine now."""
    found = monitor.read().of(ProcessRole.ENGINE)
    assert found is not None
    return found
