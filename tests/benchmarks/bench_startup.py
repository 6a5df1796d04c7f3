"""How long the window takes to be there: `python tests/benchmarks/bench_startup.py [DATA_DIR]`.

Starts the program some times on a display of its own (Xvfb), each time as a user does, and tells
when the window was painted, when the index could be searched and when the model was ready (from
the program's log; whether the window is there then, the display is asked), with the processor
time until then. Without DATA_DIR a small index is made first. `--imports` says what importing
costs.
"""

import argparse
import datetime as dt
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from vext_desktop.paths import Paths
from vext_desktop.window.start_log import MODEL_READY, PAINTED, SEARCHABLE

STARTS = 5
LIMIT_S = 60.0
POLL_S = 0.05
DISPLAY = ":97"
STEPS = (PAINTED, SEARCHABLE, MODEL_READY)
_LINE = re.compile(
    r"^(?P<at>\S+ \S+) INFO +vext\.window: (?P<step>.+) \((?P<cpu>[\d.]+) s of processor time\)$"
)
_IMPORT = re.compile(r"^import time: +(?P<own>\d+) \| +\d+ \| +(?P<name>\S+)$")


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process, and seconds of processor time until then."""

    wall_s: Mapping[str, float]
    cpu_s: Mapping[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", nargs="?", type=Path)
    parser.add_argument("--imports", action="store_true")
    arguments = parser.parse_args()
    console = Console()
    if arguments.imports:
        print_imports(console)
        return
    with tempfile.TemporaryDirectory() as folder, display() as variables:
        data_dir = arguments.data_dir or make_index(Path(folder))
        measure(data_dir, variables)  # brings everything into the disk's cache
        starts = [measure(data_dir, variables) for _ in range(STARTS)]
    print_starts(console, starts)


def make_index(folder: Path) -> Path:
    """A small index of made-up text."""
    documents, data_dir = folder / "documents", folder / "data"
    documents.mkdir()
    for number in range(20):
        text = f"Document {number} speaks of bread, rent and the sea.\n\n" * 40
        (documents / f"{number}.txt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "vext_desktop", "index", documents, "--data-dir", data_dir]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return data_dir


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A display of our own, without a window manager; gives the variables for it."""
    server = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1400x900x24"], stderr=-3)
    try:
        time.sleep(1)
        # As for a user: compiled modules are kept.
        variables = {**os.environ, "DISPLAY": DISPLAY}
        for name in ("PYTHONDONTWRITEBYTECODE", "QT_QPA_PLATFORM"):
            variables.pop(name, None)
        yield variables
    finally:
        server.terminate()
        server.wait()


def measure(data_dir: Path, variables: Mapping[str, str]) -> Start:
    """One start, until the model is ready; then the window is closed."""
    log_file = Paths(data_dir).log_file
    log_file.unlink(missing_ok=True)
    began = time.time()
    command = [sys.executable, "-m", "vext_desktop", "--data-dir", str(data_dir)]
    program = subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL)
    try:
        is_there = False
        wall: dict[str, float] = {}
        while time.time() - began < LIMIT_S:
            wall, cpu = read_log(log_file, began)
            if PAINTED in wall and not is_there:
                is_there = is_mapped(variables)
                if not is_there:
                    raise SystemExit("the log says that the window was painted: it is not there")
            if len(wall) == len(STEPS):
                return Start(wall, cpu)
            time.sleep(POLL_S)
        raise SystemExit(f"not there after {LIMIT_S:.0f} s: {wall}")
    finally:
        program.terminate()
        program.wait()


def is_mapped(variables: Mapping[str, str]) -> bool:
    """Whether the display shows a window of ours, as another program sees it."""
    command = ["xdotool", "search", "--onlyvisible", "--name", "^Vext Desktop$"]
    return bool(subprocess.run(command, env=variables, capture_output=True, check=False).stdout)


def read_log(log_file: Path, began: float) -> tuple[dict[str, float], dict[str, float]]:
    """By step: seconds since the start, and seconds of processor time."""
    wall, cpu = {}, {}
    try:
        lines = log_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        found = _LINE.match(line)
        if found and found["step"] in STEPS:
            # The log has the time of this place, as `timestamp` takes it.
            at = dt.datetime.strptime(found["at"], "%Y-%m-%d %H:%M:%S,%f")  # noqa: DTZ007
            wall[found["step"]] = at.timestamp() - began
            cpu[found["step"]] = float(found["cpu"])
    return wall, cpu


def print_starts(console: Console, starts: list[Start]) -> None:
    """The median and the range of each step."""
    table = Table("step", "median s", "from", "to", "processor s")
    for step in STEPS:
        wall = [start.wall_s[step] for start in starts]
        spent = statistics.median(start.cpu_s[step] for start in starts)
        figures = (statistics.median(wall), min(wall), max(wall), spent)
        table.add_row(step, *(f"{figure:.2f}" for figure in figures))
    console.print(table)
    console.print(f"{len(starts)} starts; load of the machine {os.getloadavg()[0]:.1f}")


def print_imports(console: Console) -> None:
    """What importing the window costs, by package and by module: the least of some times."""
    least: dict[str, float] = {}
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-X", "importtime", "-c", "import vext_desktop.window.app"]
    for _ in range(STARTS):
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        for line in done.stderr.splitlines():
            if found := _IMPORT.match(line):
                name, own_s = found["name"], int(found["own"]) / 1e6
                least[name] = min(own_s, least.get(name, own_s))
    packages: dict[str, float] = {}
    for name, own_s in least.items():
        package = name.partition(".")[0]
        packages[package] = packages.get(package, 0.0) + own_s
    for title, found in (("package", packages), ("module", least)):
        table = Table(title, "ms")
        for name, own_s in sorted(found.items(), key=lambda item: -item[1])[:20]:
            table.add_row(name, f"{own_s * 1000:.1f}")
        console.print(table)
    console.print(f"all together {sum(least.values()) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
