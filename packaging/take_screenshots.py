"""Takes the screenshots of the software centre from the real program, with the sample documents.

    python packaging/take_screenshots.py FOLDER

Needs Xvfb (`xvfb` on Debian) and the program's own Python. The program gets an empty data folder of
its own, indexes the samples, searches, and shows its memory: nothing on the pictures is painted.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOUR = Path(__file__).with_name("screenshot_tour.py")
SCREEN = "1600x1000x24"
TIME_LIMIT_S = 300


def main() -> int:
    """Take all pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the PNGs go")
    arguments = parser.parse_args()
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        print("error: There is no Xvfb.\nhint: apt-get install xvfb", file=sys.stderr)
        return 1
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with _virtual_screen(xvfb) as display:
        for scheme in ("light", "dark"):
            _take(folder, scheme, display)
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture}")
    return 0


def _take(folder: Path, scheme: str, display: str) -> None:
    """One start of the program, in one colour scheme."""
    with tempfile.TemporaryDirectory(prefix="home-") as place:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("VEXT_", "QT_", "XDG_"))
        }
        environment |= {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": place,
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, str(TOUR), str(folder), scheme, place],
            env=environment,
            cwd=place,
            check=True,
            timeout=TIME_LIMIT_S,
        )


@contextlib.contextmanager
def _virtual_screen(xvfb: str) -> Iterator[str]:
    """A screen that nobody sees, on a number that is free."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [xvfb, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()  # it has said so once it takes connections
        if not number:
            raise SystemExit("error: Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
