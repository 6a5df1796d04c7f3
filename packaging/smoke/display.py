"""A virtual display, and hands and eyes on it: keys, the mouse, pictures."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

_SIZE = "1500x950x24"


class Display:
    """An X server with a window manager; a context that ends both.

    Args:
        number: Of the display; nobody else may have it.
        pictures: Folder for the pictures that are taken.
    """

    def __init__(self, number: int, pictures: Path) -> None:
        self.name = f":{number}"
        self._socket = Path(f"/tmp/.X11-unix/X{number}")  # noqa: S108 - where X has it
        self._pictures = pictures
        # As a test it is called where Qt is told to draw nowhere.
        self._variables = {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._start("Xvfb", self.name, "-screen", "0", _SIZE, "-ac", "-nolisten", "tcp")
        wait_until(self._socket.exists, "the virtual display", 20)
        self._start("openbox")
        return self

    def __exit__(self, *_of_error: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)

    def start(self, *command: str) -> None:
        """Start a program of this machine on the display; it is ended with it."""
        self._start(*command)

    def find(self, title: str) -> str:
        """The window whose title has these words; "" if there is none on the screen."""
        found = self._ask("search", "--onlyvisible", "--name", title).split()
        return found[-1] if found else ""

    def wait_for(self, title: str, limit_s: float = 60.0) -> str:
        """Wait until there is such a window; returns it."""
        wait_until(lambda: bool(self.find(title)), f"the window {title!r}", limit_s)
        return self.find(title)

    def key(self, window: str, *keys: str) -> None:
        """Press keys in a window."""
        self._ask("windowactivate", "--sync", window)
        self.press(*keys)

    def press(self, *keys: str) -> None:
        """Press keys where the keyboard is now, which may be a menu."""
        self._ask("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type a text where the cursor is."""
        self._ask("type", "--delay", "40", text)

    def place(self, window: str, left: int, top: int) -> None:
        """Move a window."""
        self._ask("windowmove", "--sync", window, str(left), str(top))

    def raise_up(self, window: str) -> None:
        """Bring a window to the front."""
        self._ask("windowactivate", "--sync", window)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the button at one point of the screen, move in steps, and let go at another."""
        self._ask("mousemove", *map(str, start))
        self._ask("mousedown", "1")
        steps = 12
        for step in range(1, steps + 1):
            point = (a + (b - a) * step // steps for a, b in zip(start, end, strict=True))
            self._ask("mousemove", *map(str, point))
            time.sleep(0.1)
        time.sleep(0.5)
        self._ask("mouseup", "1")

    def picture(self, name: str) -> Path:
        """Take a picture of the screen."""
        place = self._pictures / f"{name}.png"
        subprocess.run(
            ["import", "-window", "root", str(place)], env=self._variables, check=True, timeout=60
        )
        return place

    def changed_pixels(self, one: Path, other: Path) -> int:
        """How many points of two pictures differ by what the eye sees."""
        done = subprocess.run(
            ["compare", "-metric", "AE", "-fuzz", "5%", str(one), str(other), "null:"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return int(float(done.stderr.split()[0]))

    def _start(self, *command: str) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def _ask(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self._variables, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout.strip()


def wait_until(is_so: Callable[[], bool], what: str, limit_s: float) -> float:
    """Wait for something to be so; returns the seconds that it took.

    Raises:
        SystemExit: It is not so after the limit.
    """
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > limit_s:
            raise SystemExit(f"waited {limit_s:.0f} s in vain for {what}")
        time.sleep(0.02)
    return time.monotonic() - begun
