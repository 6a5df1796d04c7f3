"""What a look at memory costs: `python tests/benchmarks/bench_probe.py`."""

import importlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe
from vext_desktop.readings import ProcessRole

REPEATS = 200

# A child that reports as ours do, four times a second.
CHILD = """
import json, socket, sys, time
from vext_desktop.memory.probe import create_probe, reading_to_json
from vext_desktop.readings import ProcessRole
role = ProcessRole(sys.argv[1])
endpoint = socket.socket(fileno=int(sys.argv[2]))
probe = create_probe(role)
while True:
    try:
        endpoint.send(json.dumps(reading_to_json(probe.read())).encode() + b"\\n")
    except OSError:
        break
    time.sleep(0.25)
"""


def measure(action: Callable[[], object], pause_s: float = 0.0) -> tuple[float, float]:
    """Median and 95th percentile of one call, in microseconds."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * 1e6)
        time.sleep(pause_s)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def start_child(monitor: MemoryMonitor, role: ProcessRole) -> subprocess.Popen[bytes]:
    """A child that reports to the monitor until the benchmark ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-c", CHILD, role.value, str(theirs.fileno())]
        child = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        monitor.register(role, child.pid, ours)
    return child


def measure_state(name: str, table: Table) -> None:
    """Add the rows of one state of this process."""
    probe = create_probe(ProcessRole.WINDOW)
    monitor = MemoryMonitor(probe)
    roles = (ProcessRole.ENGINE, ProcessRole.READER)
    children = [start_child(monitor, role) for role in roles]
    try:
        time.sleep(1.0)
        rows: list[tuple[str, Callable[[], object], float]] = [
            ("read()", probe.read, 0.0),
            ("read(), once in 20 ms", probe.read, 0.02),
            ("read_exactly()", probe.read_exactly, 0.0),
            ("monitor.read(), two children", monitor.read, 0.01),
        ]
        for label, action, pause_s in rows:
            median, high = measure(action, pause_s)
            table.add_row(name, label, f"{median:.0f}", f"{high:.0f}")
    finally:
        for role, child in zip(roles, children, strict=True):
            monitor.unregister(role)
            child.kill()
            child.wait()


def main() -> None:
    """Measure a bare process, and one that has loaded the window's libraries."""
    table = Table("process", "call", "median us", "95 % us")
    measure_state("bare", table)
    for module in ("PySide6.QtWidgets", "pyqtgraph", "lancedb"):
        importlib.import_module(module)
    measure_state("Qt, pyqtgraph, lancedb", table)
    Console().print(table)


if __name__ == "__main__":
    main()
