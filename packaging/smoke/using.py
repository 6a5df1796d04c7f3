"""What a person does with the installed program: drop, search, reload, meet a crash, close."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from installers.places import NAME, TITLE
from smoke.display import Display, wait_until
from smoke.minimal_root import HOME, MinimalRoot
from smoke.pages import open_dialogs, open_memory
from smoke.processes import children_in, processes_in
from smoke.report import Report

DOCUMENTS = f"{HOME}/Documents"
_MORE_DOCUMENTS = f"{HOME}/Documents of mine"
_SAMPLES = f"/usr/lib/{NAME}/_internal/vext_desktop/resources/samples"
# For any one step: a machine that builds other things at the same time is slow.
_PATIENCE_S = 600.0
# As drag_source.py calls its window.
DRAGGED_TITLE = "A folder to drag"
_QUESTION = "dessert for somebody who avoids gluten"
_ANSWER = "Almond cake.md"
_PAINTED = re.compile(r"the window has been painted \(([\d.]+) s of processor time\)")
_SEARCHABLE = "the index can be searched"
# What the log has for each exception that nobody has caught.
_MISTAKE = "Nobody expected this"
# Another list of hits with its preview: 150 000; the buttons and bars of a reload: 4 000.
_POINTS_OF_AN_ANSWER = 30_000
_OTHER_QUESTION = "how early must I announce that I leave the flat"


class Person:
    """Somebody in front of the virtual display.

    Args:
        root: The system with the program.
        display: What the program's window is shown on.
        report: Takes what is found.
        python: A Python with Qt on this machine, for the window that is dragged from.
    """

    def __init__(self, root: MinimalRoot, display: Display, report: Report, python: Path) -> None:
        self._root = root
        self._display = display
        self._report = report
        self._python = python
        self._program: subprocess.Popen[bytes] | None = None
        self._window = ""

    def lay_out_documents(self) -> int:
        """Put some documents into the home folder; returns how many."""
        place = self._root.inside(DOCUMENTS)
        shutil.copytree(self._root.inside(_SAMPLES), place)
        self._root.run("chown", "-R", "person:person", DOCUMENTS)
        return sum(path.is_file() for path in place.rglob("*"))

    def start(self, *, cold: bool) -> float:
        """Start the program and wait for its window; returns the seconds until it is there.

        Args:
            cold: Whether nothing of it may be in the memory of the machine.
        """
        if cold:
            os.sync()
            Path("/proc/sys/vm/drop_caches").write_text("3\n", encoding="ascii")
        command = self._root.as_user(NAME, display=self._display.name)
        log = (self._report.folder / "program.log").open("ab")
        self._program = subprocess.Popen(command, stdout=log, stderr=log)
        seconds = wait_until(
            lambda: bool(self._display.find(f"^{TITLE}$")), "the program's window", _PATIENCE_S
        )
        self._window = self._display.find(f"^{TITLE}$")
        return seconds

    def processor_s_to_window(self) -> float:
        """Processor time until the window was painted at the last start, by the program's log.

        Other than the time by the clock it does not depend on what else this machine does.
        """
        return float(_PAINTED.findall(self._log())[-1])

    def wait_for_index(self, starts: int) -> None:
        """Wait until the window shows what is indexed, at its so-manieth start."""
        wait_until(
            lambda: self._log().count(_SEARCHABLE) >= starts, "the index in the window", _PATIENCE_S
        )

    def look(self, name: str) -> None:
        """Take a picture, once what moves in the window has come to rest."""
        time.sleep(2)
        self._display.picture(name)

    def drop_documents(self, count: int) -> None:
        """Drag the folder from another window into the program's, and wait for the index."""
        self._display.place(self._window, 10, 30)
        source = Path(__file__).with_name("drag_source.py")
        self._display.start(str(self._python), str(source), DOCUMENTS)
        dragged = self._display.wait_for(DRAGGED_TITLE)
        self._display.place(dragged, 1200, 820)
        self._display.raise_up(dragged)
        time.sleep(1.0)
        self._display.picture("2-before-the-drop")
        self._display.drag((1300, 880), (600, 400))
        wait_until(lambda: self._indexed() > 0, "the first documents in the index", _PATIENCE_S)
        wait_until(lambda: self._indexed() == count, f"{count} documents in the index", _PATIENCE_S)
        self._report.check(f"{count} documents are in the index after the drop", is_so=True)
        self._display.picture("3-after-the-drop")

    def search(self, question: str = _QUESTION, picture: str = "4-search") -> None:
        """Type a question into the window; the screen must change by the answer."""
        self._display.key(self._window, "ctrl+f", "ctrl+a")
        before = self._display.picture("before")
        self._display.type(question)
        self._display.key(self._window, "Return")
        time.sleep(6)
        after = self._display.picture(picture)
        changed = self._display.changed_pixels(before, after)
        before.unlink()
        self._report.check(
            f"the window answers {question!r}: {changed} points are others",
            is_so=changed >= _POINTS_OF_AN_ANSWER,
        )

    def start_again_with_a_folder(self, count: int) -> None:
        """Start the program a second time: the window that is open must take the folder over."""
        place = self._root.inside(_MORE_DOCUMENTS)
        place.mkdir()
        (place / "Note.txt").write_text("The bicycle is in the cellar.\n", encoding="utf-8")
        self._root.run("chown", "-R", "person:person", _MORE_DOCUMENTS)
        second = self._root.as_user(NAME, _MORE_DOCUMENTS, display=self._display.name)
        code = subprocess.run(second, timeout=_PATIENCE_S, check=False).returncode
        self._report.check(f"a second start ended with {code}", is_so=code == 0)
        wait_until(
            lambda: self._indexed() == count + 1, "the folder of the second start", _PATIENCE_S
        )
        self._report.check("the open window has indexed the folder of a second start", is_so=True)

    def open_pages(self) -> None:
        """Open everything that the window can show; none of it may fail."""
        open_dialogs(self._display, self._window, self._report)
        open_memory(self._display, self._window)
        self.check_log()

    def check_log(self) -> None:
        """Nothing may have happened in the window that its makers did not expect."""
        self._report.check("the log tells of no mistake", is_so=_MISTAKE not in self._log())

    def reload_model(self) -> None:
        """Press the key for "Reload model": another engine process must follow."""
        before = self._engine()
        self._display.key(self._window, "ctrl+shift+m")
        wait_until(lambda: self._engine() not in {0, before}, "another engine process", _PATIENCE_S)
        self._report.check(f"the engine {before} was replaced by {self._engine()}", is_so=True)
        time.sleep(3)
        self._display.picture("5-reloaded")

    def kill_engine(self) -> None:
        """End the engine by kill -9, and search all the same."""
        before = self._engine()
        os.kill(before, signal.SIGKILL)
        time.sleep(2)
        self._display.picture("6-killed")
        self.search(_OTHER_QUESTION, "7-search-after-the-kill")
        wait_until(
            lambda: self._engine() not in {0, before}, "an engine after the kill", _PATIENCE_S
        )
        self._report.check(f"kill -9 of {before} was followed by {self._engine()}", is_so=True)
        time.sleep(5)
        self.search(_QUESTION, "8-by-meaning-again")

    def close(self) -> None:
        """Close the window: the program must end by itself, with all its processes."""
        assert self._program is not None  # noqa: S101 - it was started
        self._display.key(self._window, "ctrl+q")
        code = self._program.wait(_PATIENCE_S)
        self._report.check(f"the program ended with {code}", is_so=code == 0)
        self.check_log()
        left = processes_in(self._root.place)
        self._report.check("no process of it is left", is_so=not left)

    def search_in_the_terminal(self) -> None:
        """Ask the same index by the command line."""
        told = self.ask("search", _QUESTION, "--json", "--limit", "3")
        hit = json.loads(told.splitlines()[0])["hits"][0]["path"]
        self._report.check(f"the terminal finds {hit}", is_so=hit.endswith(_ANSWER))

    def ask(self, *arguments: str) -> str:
        """Run a command of the program as the user; returns what it printed."""
        done = subprocess.run(
            self._root.as_user(NAME, *arguments),
            capture_output=True, text=True, timeout=_PATIENCE_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{NAME} {arguments} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def _log(self) -> str:
        log = self._root.inside(f"{HOME}/.local/share/{NAME}/logs/{NAME}.log")
        return log.read_text(encoding="utf-8")

    def _engine(self) -> int:
        numbers = children_in(self._root.place, "engine")
        return max(numbers, default=0)

    def _indexed(self) -> int:
        time.sleep(1)
        done = subprocess.run(
            self._root.as_user(NAME, "status", "--json"),
            capture_output=True, text=True, timeout=_PATIENCE_S, check=False,
        )  # fmt: skip
        if done.returncode:
            return 0
        return int(json.loads(done.stdout)["counts"].get("indexed", 0))
